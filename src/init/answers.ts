/** Why an answer will not do; null: it will. */

export function noAddress(answer: string): string | null {
  if (!/^https?:\/\//.test(answer)) return 'an address begins with https://'
  const url = parsed(answer)
  if (url === null || /\s/.test(answer)) return 'this is no address that a browser would open'
  if (answer.indexOf('://') !== answer.lastIndexOf('://')) return 'there are two addresses in it'
  if (url.username !== '' || url.password !== '') return 'no user and password belong into it'
  if (url.search !== '' || url.hash !== '') return 'it ends before "?" and "#"'
  return null
}

/** Of what others send to, over the open network. */
export function noPublicAddress(answer: string): string | null {
  return answer.startsWith('http://') ? 'an address begins with https://' : noAddress(answer)
}

export function noDatabase(answer: string): string | null {
  if (/^sqlite:.+$/.test(answer)) return null
  if (!/^postgres(ql)?:\/\/.+$/.test(answer)) return 'it begins with postgres:// or sqlite:'
  if (answer.includes('#')) return '"#" in it is written as %23'
  const isOne = parsed(answer) !== null && !/\s/.test(answer)
  return isOne ? null : 'this is no address: as postgres://user:password@host:5432/name'
}

function parsed(answer: string): URL | null {
  try {
    return new URL(answer)
  } catch {
    return null
  }
}
