/** What becomes of a title: its prettified text and its slug, as measured on Discourse 3.1.0.beta4. */

const EDGES = /^[\s\0]+|[\s\0]+$/g

/** The text of a title as it is stored when validations run. */
export function prettify(sent: string): string {
  let title = sent.replace(/!+/g, '!').replace(/\?+/g, '?')
  if (title === title.toUpperCase()) title = title.toLowerCase()
  const words = /^\s*(\S+)(?:\s+([\s\S]*))?$/.exec(title)
  const first = words?.[1]
  // A first word in mixed case is a name and stays.
  if (first !== undefined && first === first.toLowerCase()) {
    const rest = words?.[2]
    title = capitalize(first) + (rest === undefined ? '' : ` ${rest}`)
  }
  return title
    .replace(/([^.])\.+(\s*)$/, '$1$2')
    .replace(/\s+([!?]\s*)$/, '$1')
    .replace(/ +/g, ' ')
    .replaceAll('\u00a0', ' ')
    .replace(EDGES, '')
    .replaceAll('\u200b', '')
}

function capitalize(word: string): string {
  const [first = '', ...rest] = word
  return first.toUpperCase() + rest.join('')
}

function parameterize(text: string): string {
  return text
    .replace(/:[\w\-+]+(?::t\d)?:/g, '')
    .normalize('NFD')
    .replace(/[\p{M}'’]/gu, '')
    .replace(/ß/g, 'ss')
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/-{2,}/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 255)
}

export function topicSlug(title: string): string {
  const slug = parameterize(title)
  return slug === '' || /^\d+$/.test(slug) ? 'topic' : slug
}

/** Empty when nothing of the name can stand in a path. */
export function categorySlug(name: string): string {
  const slug = parameterize(name)
  return /^\d+$/.test(slug) ? '' : slug
}

export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** The title with typographic quotes, as HTML. */
export function fancyTitle(title: string): string {
  return escapeHtml(title)
    .replace(/(^|[\s(])"/g, '$1&ldquo;')
    .replaceAll('"', '&rdquo;')
    .replaceAll('...', '&hellip;')
}
