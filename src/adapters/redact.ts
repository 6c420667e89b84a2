/** Keeps secrets out of everything that is written for people and programs. */

/** Shorter values would blot out ordinary words. */
const SHORTEST = 8
const SHOWN = '[secret]'

export interface Redactor {
  /** The text without any secret that is known, and without what looks like a token. */
  (text: string): string
  /** A value as JSON, each text in it without them: what is left is JSON for certain. */
  json(value: unknown, indent?: number): string
}

/** `secrets` may grow. */
export function createRedactor(secrets: ReadonlySet<string>): Redactor {
  let known = { of: 0, forms: [] as readonly string[] }
  /** The longest first: of one that begins another, the rest would be left. */
  const forms = (): readonly string[] => {
    if (known.of !== secrets.size)
      known = { of: secrets.size, forms: [...secrets].flatMap(written).toSorted((one, two) => two.length - one.length) }
    return known.forms
  }
  const withoutKnown = (text: string): string =>
    forms().reduce((clean, form) => (clean.includes(form) ? clean.replaceAll(form, SHOWN) : clean), text)
  const redact = (text: string): string => withoutTokens(withoutKnown(text))
  /** Of a number what it is written as, of an object its names. */
  const cleaned = (key: string, value: unknown): unknown => {
    if (typeof value === 'string') return SECRET_NAME.test(key) && value !== '' ? SHOWN : redact(value)
    if (typeof value === 'number') return withoutKnown(String(value)) === String(value) ? value : SHOWN
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    if (Object.keys(value).every((name) => withoutKnown(name) === name)) return value
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [withoutKnown(name), each]))
  }
  const json = (value: unknown, indent?: number): string => JSON.stringify(value, cleaned, indent)
  return Object.assign(redact, { json })
}

const NAMES = 'access_token|refresh_token|client_secret|code_verifier|api_key'
const SECRET_NAME = new RegExp(`^(?:${NAMES})$`)
/** The quotes may be escaped, where a text holds JSON that holds JSON. */
const NAMED = new RegExp(String.raw`\b(${NAMES})(=|\\*"\s*:\s*\\*")[^\s"&,}\\]+`, 'g')
const SCHEME = /\b(Bearer|Basic) ([\w.~+/-]{6,}=*)/g
/** What stands before the scheme where a header is told. */
const HEADER = /authorization\\*["']?\s*[:=]\s*\\*["']?$/i

function withoutTokens(text: string): string {
  return text
    .replace(SCHEME, (found, scheme: string, value: string, at: number) =>
      HEADER.test(text.slice(Math.max(0, at - 24), at)) || isToken(value) ? `${scheme} ${SHOWN}` : found,
    )
    .replace(NAMED, `$1$2${SHOWN}`)
}

/** Longer than a word, or of more than the letters of one: "Basic instructions" is none. */
function isToken(value: string): boolean {
  return value.length >= 32 || /\d/.test(value) || value.endsWith('=') || /[a-z][A-Z]/.test(value)
}

/** As it stands in plain text, in JSON and in a URL. */
function written(secret: string): readonly string[] {
  if (secret.length < SHORTEST) return []
  return [...new Set([secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)])]
}
