import { findTool } from '../../support/find-tool.ts'

const INSTALL = {
  git: 'apt-get install git',
  rsync: 'apt-get install rsync',
  'gitlab-ci-local': 'npm ci',
  'check-jsonschema': 'pip install check-jsonschema',
}

/** Whether tools are installed; says what to install if not, and throws where nothing may be skipped. */
export function hasTools(...names: (keyof typeof INSTALL)[]): boolean {
  return names.every((name) => findTool(name, INSTALL[name]) !== undefined)
}
