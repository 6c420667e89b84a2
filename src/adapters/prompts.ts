/** Questions in a terminal, drawn on stderr so that stdout stays the command's own. */
import { isCancel, note, password, select, text } from '@clack/prompts'
import { Stopped, type Prompts } from '../init/asking.ts'

export const terminalPrompts: Prompts = {
  async text({ words, secret, proposed, example, refused }) {
    if (secret === true) {
      const typed = await password({ message: words, validate: notEmpty, output: process.stderr })
      if (isCancel(typed)) throw new Stopped()
      return typed.trim()
    }
    const answer = await text({
      message: words,
      ...shownIn(proposed, example),
      validate: (typed) => {
        const given = (typed ?? '').trim() === '' ? proposed : typed
        return notEmpty(given) ?? refused?.((given ?? '').trim()) ?? undefined
      },
      output: process.stderr,
    })
    if (isCancel(answer)) throw new Stopped()
    return answer.trim()
  },
  async choose({ words, proposed, options }) {
    const answer = await select({
      message: words,
      options: options.map(({ value, words: label, hint }) => ({
        value,
        label,
        ...(hint === undefined ? {} : { hint }),
      })),
      ...(proposed === undefined ? {} : { initialValue: proposed }),
      output: process.stderr,
    })
    if (isCancel(answer)) throw new Stopped()
    return answer
  },
  note(title, shown) {
    note(shown, title, { output: process.stderr, format: (line) => line })
    return Promise.resolve()
  },
}

/** Shown until somebody types, and never a part of what is typed. */
function shownIn(
  proposed: string | undefined,
  example: string | undefined,
): { readonly placeholder?: string; readonly defaultValue?: string } {
  if (proposed !== undefined) return { placeholder: proposed, defaultValue: proposed }
  return example === undefined ? {} : { placeholder: `for example ${example}` }
}

function notEmpty(given: string | undefined): string | undefined {
  return (given ?? '').trim() === '' ? 'Type an answer.' : undefined
}
