/** What a person sees of the authorization endpoint: a page that asks for consent, and one that tells what is wrong. */
import type { WireResponse } from '../emulator.ts'
import type { GoogleAccount } from './world.ts'

/** One form: whose account, which of the scopes, and yes or no. The request travels in it as it came. */
export function consentPage(
  accounts: readonly GoogleAccount[],
  scopes: readonly string[],
  hint: string | null,
  request: URLSearchParams,
): WireResponse {
  const account = ({ id, email, displayName }: GoogleAccount): string => {
    const chosen = hint === email || hint === id ? ' selected' : ''
    return `<option value="${escaped(id)}"${chosen}>${escaped(`${displayName} <${email}>`)}</option>`
  }
  const scope = (one: string): string =>
    `<p><label><input type="checkbox" name="granted" value="${escaped(one)}" checked> ${escaped(one)}</label></p>`
  return page(
    200,
    'Sign in',
    `<form method="post" action="/o/oauth2/v2/auth">
<input type="hidden" name="request" value="${escaped(request.toString())}">
<p><select name="account">${accounts.map(account).join('')}</select></p>
${scopes.map(scope).join('\n')}
<p><button name="choice" value="allow">Allow</button> <button name="choice" value="deny">Cancel</button></p>
</form>`,
  )
}

export function errorPage(status: number, error: string, text: string): WireResponse {
  return page(status, `Error ${status}: ${error}`, `<p>${text}</p>`)
}

function page(status: number, title: string, body: string): WireResponse {
  return {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: `<!DOCTYPE html><title>${title}</title>${body}`,
  }
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}
