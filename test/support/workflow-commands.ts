/** One workflow command that an action printed: `::notice file=a.yml::message`. */
export interface WorkflowCommand {
  command: string
  message: string
}

/** Reads what an action printed as the runner does: commands, and the lines that are none. */
export function readWorkflowCommands(output: string): {
  commands: WorkflowCommand[]
  lines: string[]
} {
  const commands: WorkflowCommand[] = []
  const lines: string[] = []
  for (const line of output.split(/\r?\n/)) {
    const [, command, message] = /^\s*::([\w-]+)(?: [^:]*)?::(.*)$/.exec(line) ?? []
    if (command !== undefined && message !== undefined) {
      commands.push({ command, message: unescapeMessage(message) })
    } else if (line !== '') lines.push(line)
  }
  return { commands, lines }
}

function unescapeMessage(message: string): string {
  return message.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%')
}

/** Reads `GITHUB_OUTPUT` or `GITHUB_STATE`: `name<<delimiter`, the value's lines, the delimiter. */
export function readFileCommands(text: string): Record<string, string> {
  const values: Record<string, string> = {}
  const lines = text.split('\n')
  for (let at = 0; at < lines.length; at++) {
    const [, name, delimiter] = /^(.+?)<<(.+)$/.exec(lines[at] ?? '') ?? []
    if (name === undefined || delimiter === undefined) continue
    const end = lines.indexOf(delimiter, at + 1)
    if (end < 0) throw new Error(`The value of ${name} does not end`)
    values[name] = lines.slice(at + 1, end).join('\n')
    at = end
  }
  return values
}
