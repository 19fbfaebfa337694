// Writes the JSON Schemas that the command carries and prints, from the schemas that parse the same files.
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { schemaFiles } from './schemas/schemas.ts'

const folder = join(resolve(import.meta.dirname, '..'), 'packages/cli/schemas')
for (const [name, text] of Object.entries(schemaFiles())) await writeFile(join(folder, name), text)
