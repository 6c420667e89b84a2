/** Questions, answered ahead by `--answer` or by whoever sits there. Nothing is guessed: what has no answer is an error. */
import { EXIT, UserError } from '../words/errors.ts'
import { choice } from '../config/problem.ts'

export interface Question {
  /** By which it is answered ahead. */
  readonly id: string
  readonly words: string
  /** Nobody looks over the shoulder of who types it. */
  readonly secret?: true
  /** What is proposed: an answer that would do as it is. */
  readonly proposed?: string
  /** How an answer looks, where none can be proposed. */
  readonly example?: string
  /** Nobody has to say yes to what is proposed: the file shows it. */
  readonly assumed?: boolean
  /** Why an answer will not do; null: it will. */
  readonly refused?: (answer: string) => string | null
}

export interface Option {
  readonly value: string
  readonly words: string
  readonly hint?: string
}

export interface Choice extends Omit<Question, 'refused' | 'example'> {
  readonly options: readonly Option[]
}

/** Asks a person. Each rejects with `Stopped` where that one gives up. */
export interface Prompts {
  text(question: Question): Promise<string>
  choose(question: Choice): Promise<string>
  /** Shows something that belongs to the questions. */
  note(title: string, text: string): Promise<void>
}

export class Stopped extends Error {
  override readonly name = 'Stopped'
}

export interface Asking {
  text(question: Question): Promise<string>
  choose(question: Choice): Promise<string>
  note(title: string, text: string): Promise<void>
  /** Whether a person answers. */
  readonly isLive: boolean
  /** Throws where an answer was given to what nobody asked. */
  end(): void
}

/** `prompts`: null where nobody sits there; what there is to show is then said. */
export function askingWith(
  answers: ReadonlyMap<string, string>,
  prompts: Prompts | null,
  say: (text: string) => void,
): Asking {
  const asked = new Set<string>()
  return {
    isLive: prompts !== null,
    async text(question) {
      asked.add(question.id)
      const given = answers.get(question.id)
      if (given === undefined && prompts !== null && question.assumed !== true) return await prompts.text(question)
      const answer = given ?? assumedOf(question, '…')
      const refused = answer.trim() === '' ? 'it is empty' : (question.refused?.(answer) ?? null)
      if (refused !== null)
        // It may hold a password, and is not repeated.
        throw noAnswer(`The answer to ${question.id} will not do: ${refused}.`, `--answer ${question.id}=…`)
      return answer
    },
    async choose(question) {
      asked.add(question.id)
      const { id, options } = question
      const given = answers.get(id)
      if (given === undefined && prompts !== null && question.assumed !== true) return await prompts.choose(question)
      const names = options.map(({ value }) => value)
      const answer = given ?? assumedOf(question, names.join(' | '))
      if (!names.includes(answer)) throw noAnswer(`"${answer}" is no answer to ${id}.`, choice(answer, names))
      return answer
    },
    async note(title, text) {
      if (prompts === null) say(`${title}: ${text}`)
      else await prompts.note(title, text)
    },
    end() {
      for (const id of answers.keys())
        if (!asked.has(id)) throw noAnswer(`Nobody asked for "${id}".`, choice(id, [...asked]))
    },
  }
}

function assumedOf(
  { id, words, proposed, assumed }: Pick<Question, 'id' | 'words' | 'proposed' | 'assumed'>,
  how: string,
): string {
  if (assumed === true && proposed !== undefined) return proposed
  throw noAnswer(`"${words}" has no answer, and nobody is there to be asked.`, `--answer ${id}=${how}`)
}

function noAnswer(message: string, remedy: string): UserError {
  return new UserError({ code: 'no-answer', message, remedy, exit: EXIT.configuration })
}
