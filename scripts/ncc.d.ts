/** What the scripts here use of ncc, which brings no types. */
declare module '@vercel/ncc' {
  interface Options {
    filename: string
    cache: false
    quiet: boolean
    target: string
    externals: Readonly<Record<string, string>>
    /** Whether the bundle is an ES module. Default: as the type of the package around the entry. */
    esm?: boolean
    /** File name of the licences; `[name]` stands for the chunk. */
    license: string
  }
  interface Bundle {
    code: string
    assets: Record<string, { source: string | Buffer }>
  }
  export default function ncc(entry: string, options: Options): Promise<Bundle>
}
