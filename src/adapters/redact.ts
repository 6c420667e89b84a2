/** Keeps secrets out of everything that is written for people and programs. */

/** Shorter values would blot out ordinary words. */
const SHORTEST = 8
const SHOWN = '[secret]'

export interface Redactor {
  /** The text without any secret that is known, and without what looks like a token. */
  (text: string): string
}

export function createRedactor(secrets: () => readonly string[]): Redactor {
  return (text) => {
    let clean = text
    for (const secret of secrets()) {
      if (secret.length < SHORTEST) continue
      for (const form of new Set([secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]))
        clean = clean.replaceAll(form, SHOWN)
    }
    return clean
      .replace(/\b(Bearer|Basic) [\w.~+/=-]{6,}/g, `$1 ${SHOWN}`)
      .replace(
        /\b(access_token|refresh_token|client_secret|code_verifier|api_key)(=|"\s*:\s*")[^\s"&,}]+/g,
        `$1$2${SHOWN}`,
      )
  }
}
