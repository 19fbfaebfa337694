import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Sandbox } from '@port-dispatch/sandbox'
import { actionDefinition, inputVariables } from './action-definition.ts'
import { COMPILE_CACHE } from './run-command.ts'
import { refuseLibraryNames } from './setting-names.ts'
import { readFileCommands, readWorkflowCommands } from './workflow-commands.ts'

export interface StepOptions {
  sandbox: Pick<Sandbox, 'url' | 'environment'>
  /** Beside the sandbox's credentials of Port. */
  inputs?: Record<string, string>
  event?: { name: string; payload: unknown }
  env?: Record<string, string | undefined>
  cwd?: string
  /** A folder that holds a copy of `dist`, outside of this repository and what is installed in it. */
  actionFolder?: string
  /** Sent once the output matches `output`, as the runner does when a job is cancelled. */
  interruptOn?: RegExp
  /** Sent when it is over, if the step still runs. */
  interruptAfter?: () => Promise<unknown>
}

export interface Phase {
  code: number | null
  /** All that was printed. */
  output: string
  /** What the job's log shows that is no command. */
  log: string[]
  /** `error: …`, `warning: …` and `notice: …`, in their order. */
  annotations: string[]
  masks: string[]
  outputs: Record<string, string>
  state: Record<string, string>
  summary: string
}

const ROOT = resolve(import.meta.dirname, '../..')
const WORKFLOW_RUN = '4711'

/** A step that uses the action, run from its committed bundle as the runner does it. */
export class ActionStep {
  readonly #options: StepOptions
  readonly #state: Record<string, string> = {}
  /** The page of the workflow run that the step says it is in. */
  readonly page: string

  constructor(options: StepOptions) {
    this.#options = options
    const run = options.env?.GITHUB_RUN_ID ?? WORKFLOW_RUN
    this.page = `${options.sandbox.url}/acme/services/actions/runs/${run}`
  }

  /** The step itself. */
  async main(): Promise<Phase> {
    return await this.#run(actionDefinition.runs.main, 'success')
  }

  /** What the runner runs when the job ends. */
  async post(jobStatus: 'success' | 'failure' | 'cancelled' = 'success'): Promise<Phase> {
    return await this.#run(actionDefinition.runs.post, jobStatus)
  }

  async #run(bundle: string, jobStatus: string): Promise<Phase> {
    const folder = await mkdtemp(join(tmpdir(), 'port-dispatch-step-'))
    const file = (name: string) => join(folder, name)
    try {
      const { sandbox, inputs, event, env, cwd = folder, actionFolder = ROOT } = this.#options
      await writeFile(file('event.json'), JSON.stringify(event?.payload ?? {}))
      for (const name of ['output', 'state', 'summary']) await writeFile(file(name), '')
      const variables = {
        PATH: process.env.PATH,
        ...(actionFolder === ROOT && { NODE_COMPILE_CACHE: COMPILE_CACHE }),
        GITHUB_ACTIONS: 'true',
        GITHUB_API_URL: sandbox.environment.GITHUB_API_URL,
        GITHUB_SERVER_URL: sandbox.url,
        GITHUB_REPOSITORY: 'acme/services',
        GITHUB_REPOSITORY_ID: '710045',
        GITHUB_REPOSITORY_OWNER_ID: '90211',
        GITHUB_RUN_ID: WORKFLOW_RUN,
        GITHUB_RUN_ATTEMPT: '1',
        GITHUB_WORKFLOW: 'Deploy',
        GITHUB_JOB: 'deploy',
        RUNNER_NAME: 'sandbox',
        GITHUB_EVENT_NAME: event?.name ?? 'workflow_dispatch',
        GITHUB_EVENT_PATH: file('event.json'),
        GITHUB_OUTPUT: file('output'),
        GITHUB_STATE: file('state'),
        GITHUB_STEP_SUMMARY: file('summary'),
        ...inputVariables(
          {
            clientId: sandbox.environment.PORT_CLIENT_ID ?? '',
            clientSecret: sandbox.environment.PORT_CLIENT_SECRET ?? '',
            baseUrl: sandbox.url,
            ...inputs,
          },
          {
            'job.status': jobStatus,
            'github.token': sandbox.environment.GITHUB_TOKEN ?? '',
          },
        ),
        ...Object.fromEntries(
          Object.entries(this.#state).map(([name, value]) => [`STATE_${name}`, value]),
        ),
        ...env,
      }
      const child = spawn(process.execPath, [join(actionFolder, bundle)], {
        env: variables,
        cwd,
      })
      this.#interrupt(child)
      const exited = new Promise<number | null>((done) => child.once('close', done))
      const [stdout, stderr, code] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        exited,
      ])
      const { commands, lines } = readWorkflowCommands(stdout)
      const [output, state, summary] = await Promise.all(
        ['output', 'state', 'summary'].map((name) => readFile(file(name), 'utf8')),
      )
      const phase: Phase = {
        code,
        output: stdout + stderr,
        log: lines,
        annotations: commands
          .filter(({ command }) => ['error', 'warning', 'notice'].includes(command))
          .map(({ command, message }) => `${command}: ${message}`),
        masks: commands
          .filter(({ command }) => command === 'add-mask')
          .map(({ message }) => message),
        outputs: readFileCommands(output ?? ''),
        state: readFileCommands(state ?? ''),
        summary: summary ?? '',
      }
      Object.assign(this.#state, phase.state)
      refuseSecrets(phase, variables)
      refuseLibraryNames(phase.output + phase.summary)
      return phase
    } finally {
      await rm(folder, { recursive: true })
    }
  }

  #interrupt(child: ReturnType<typeof spawn>): void {
    const { interruptOn, interruptAfter } = this.#options
    void interruptAfter?.().then(() => child.kill('SIGINT'))
    if (!interruptOn) return
    let seen = ''
    child.stdout?.on('data', (data) => {
      seen += data
      if (interruptOn.test(seen) && !child.killed) child.kill('SIGINT')
    })
  }
}

const SECRET_INPUTS = [
  'CLIENTSECRET',
  'GITHUBTOKEN',
  'GITLABTOKEN',
  'GITLABTRIGGERTOKEN',
  'KAFKAPASSWORD',
]

/** No secret may be anywhere but in the command that masks it, and every secret must be masked. */
function refuseSecrets(phase: Phase, variables: Record<string, string | undefined>): void {
  const shown = JSON.stringify([
    phase.log,
    phase.annotations,
    phase.outputs,
    phase.state,
    phase.summary,
  ])
  for (const name of SECRET_INPUTS) {
    const secret = variables[`INPUT_${name}`]
    if (!secret || phase.output === '') continue
    if (shown.includes(secret)) throw new Error(`The step shows ${name}:\n${shown}`)
    if (!phase.masks.includes(secret)) throw new Error(`The step does not mask ${name}`)
  }
}
