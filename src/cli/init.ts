/** `lockstep init` */
import { askingWith, Stopped, type Asking } from '../init/asking.ts'
import { assigned } from '../init/environment.ts'
import { TEMPLATES } from '../init/index.ts'
import type { Draft, Template, Variable } from '../init/template.ts'
import { EXIT, UserError } from '../words/errors.ts'
import type { Shell } from './shell.ts'

export interface InitOptions {
  readonly template: string | null
  /** `question=answer`, as given. */
  readonly answers: readonly string[]
  /** The file to write. */
  readonly to: string
  /** Prints it and writes nothing. */
  readonly print: boolean
}

/** Asks, shows, writes one file that was not there. */
export async function init(shell: Shell, { template, answers, to, print }: InitOptions): Promise<number> {
  const { out, files } = shell
  if (!print && files.read(to) !== null)
    throw new UserError({
      code: 'file-there',
      message: `${to} is there already, and is not written over.`,
      remedy: 'Name another one: lockstep init --config other.yaml\nOr see what it would be: lockstep init --print',
      exit: EXIT.configuration,
    })
  const asking = askingWith(new Map(answers.map(answerIn)), out.json ? null : shell.prompts, (text) => out.note(text))
  try {
    const chosen = await templateOf(asking, template)
    const draft = await chosen.draft({ ...shell, asking })
    asking.end()
    for (const { value } of draft.variables) if (value !== null) shell.learned(value)
    if (draft.shown !== null) out.note(draft.shown)
    if (print) {
      out.result({ template: chosen.id, text: draft.text, variables: namesOf(draft) }, () => draft.text.trimEnd())
      return EXIT.inStep
    }
    files.write(to, draft.text)
    const environment = keep(shell, to, draft.variables)
    out.result(
      { template: chosen.id, file: to, variables: namesOf(draft), next: draft.next.map(([command]) => command) },
      () => writtenText(to, draft, environment),
    )
    return EXIT.inStep
  } catch (error) {
    if (!(error instanceof Stopped)) throw error
    out.note('Nothing was written.')
    return EXIT.held
  }
}

function answerIn(given: string): [string, string] {
  const at = given.indexOf('=')
  if (at > 0) return [given.slice(0, at), given.slice(at + 1)]
  throw new UserError({
    code: 'no-answer',
    message: `"${given}" answers no question.`,
    remedy: 'Write the question and the answer: --answer table=events',
    exit: EXIT.configuration,
  })
}

async function templateOf(asking: Asking, name: string | null): Promise<Template> {
  const id =
    name ??
    (await asking.choose({
      id: 'template',
      words: 'What is to be kept in step?',
      options: TEMPLATES.map(({ id: value, about }) => ({ value, words: about })),
    }))
  const found = TEMPLATES.find((each) => each.id === id)
  if (found !== undefined) return found
  throw new UserError({
    code: 'no-template',
    message: `There is no template "${id}".`,
    remedy: `Choose one of: ${TEMPLATES.map((each) => each.id).join(', ')}`,
    exit: EXIT.configuration,
  })
}

/** What was typed goes into a `.env` beside the file, where there is none; answers whether it did. */
function keep({ files }: Shell, to: string, variables: readonly Variable[]): boolean {
  const path = to.replace(/[^/\\]*$/, '.env')
  if (files.read(path) !== null || variables.length === 0) return false
  const lines = variables.map(({ name, value, about }) => `# ${about}\n${assigned(name, value ?? '')}`)
  files.write(path, `${lines.join('\n')}\n`)
  return true
}

function namesOf({ variables }: Draft): readonly string[] {
  return variables.map(({ name }) => name)
}

function writtenText(to: string, { variables, next }: Draft, environment: boolean): string {
  const open = variables.filter(({ value }) => !environment || value === null)
  const width = Math.max(...next.map(([command]) => command.length))
  const names = Math.max(...open.map(({ name }) => name.length))
  return [
    `${to} is written: read it, it says what each part does.`,
    ...(open.length === 0
      ? []
      : ['', environment ? 'Fill in, in the .env beside it:' : 'Set in the environment, or in the .env beside it:']),
    ...open.map(({ name, about }) => `  ${name.padEnd(names)}   ${about}`),
    '',
    'Then:',
    ...next.map(([command, about]) => `  ${command.padEnd(width)}   ${about}`),
  ].join('\n')
}
