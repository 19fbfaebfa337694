// Writes the version of the packages to where users read it: the components, the chart, their documentation and examples.
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const { version } = JSON.parse(await readFile(join(root, 'packages/cli/package.json'), 'utf8'))
const folders = [
  'docs',
  'templates/report',
  'templates/dispatch',
  'templates/lint',
  'examples/pipelines',
  'deploy/compose',
]

const files = ['README.md', '.pre-commit-hooks.yaml', 'deploy/helm/port-dispatch-agent/Chart.yaml']
for (const folder of folders) {
  files.push(...(await readdir(join(root, folder))).map((name) => join(folder, name)))
}

for (const file of files) {
  const text = await readFile(join(root, file), 'utf8')
  const written = text
    .replace(
      /(\/(?:report|dispatch|lint)@|@port-dispatch\/cli@|port-dispatch-cli-|port-dispatch-agent:|rev: v|^version: |^appVersion: )\d+\.\d+\.\d+/gm,
      `$1${version}`,
    )
    .replace(/(default: |\| `)\d+\.\d+\.\d+(?=$|`)/gm, `$1${version}`)
  if (written !== text) await writeFile(join(root, file), written)
}
