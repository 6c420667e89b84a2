/** Keeps secrets out of everything that is written for people and programs. */

/** Shorter values would blot out ordinary words. */
const SHORTEST = 8
const SHOWN = '[secret]'

export interface Redactor {
  /** The text without any secret that is known, and without what looks like a token. */
  (text: string): string
}

/** `secrets` may grow. */
export function createRedactor(secrets: ReadonlySet<string>): Redactor {
  const known = new Map<string, readonly string[]>()
  const formsOf = (secret: string): readonly string[] => {
    let forms = known.get(secret)
    if (forms === undefined) known.set(secret, (forms = written(secret)))
    return forms
  }
  return (text) => {
    let clean = text
    for (const secret of secrets) for (const form of formsOf(secret)) clean = clean.replaceAll(form, SHOWN)
    return clean
      .replace(/\b(Bearer|Basic) [\w.~+/=-]{6,}/g, `$1 ${SHOWN}`)
      .replace(
        /\b(access_token|refresh_token|client_secret|code_verifier|api_key)(=|"\s*:\s*")[^\s"&,}]+/g,
        `$1$2${SHOWN}`,
      )
  }
}

/** As it stands in plain text, in JSON and in a URL. */
function written(secret: string): readonly string[] {
  if (secret.length < SHORTEST) return []
  return [...new Set([secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)])]
}
