import { minify } from 'terser'

/** Makes a module of a bundle smaller; ncc would its entry only, and not the chunks. Names stay, for stack traces. */
export async function minified(code: string): Promise<string> {
  const result = await minify(code, {
    toplevel: true,
    ecma: 2020,
    mangle: { keep_classnames: true, keep_fnames: true },
    format: { comments: false },
  })
  return `${result.code}\n`
}
