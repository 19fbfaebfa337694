/** Lints the files of a machine, and reads those of CI systems. Apart from the rest of the host, which nothing else needs. */
export { type CiFile, openCiFile } from './ci-file.ts'
export { type Remote, remoteOf } from './git.ts'
export { type LintedFiles, type LintRequest, lintFiles } from './lint-files.ts'
