/** Lints the files of a machine. Apart from the rest of the host, which nothing else needs. */
export { type LintedFiles, type LintRequest, lintFiles } from './lint-files.ts'
