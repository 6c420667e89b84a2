/** Texts with variables of the environment, and in a template with values of an account. */
import { suggestion, type Finding, type Path } from './problem.ts'

export interface Filling {
  readonly variable: (name: string) => string | undefined
  /** Whose values a template is filled with; null: this is none. */
  readonly account: Account | null
  readonly findings: Finding[]
  /** Paths of texts in which variables stood. */
  readonly interpolated: Path[]
  /** Of those, where a value of an account stood. */
  readonly personal: Path[]
}

export interface Account {
  readonly id: string
  readonly values: ReadonlyMap<string, string>
}

/**
 * `${NAME}` becomes the variable's value, and `${account.name}` that of the account, after parsing, so that a value is
 * never read as YAML; `$${` is `${`.
 */
export function filled(text: string, path: Path, filling: Filling): string {
  if (!text.includes('${')) return text
  filling.interpolated.push(path)
  return text.replace(/\$\$\{|\$\{([^}]*)\}?/g, (found: string, name: string | undefined) => {
    if (name === undefined) return '${'
    const value = /^account\.([A-Za-z_]\w*)$/.exec(name)?.[1]
    if (value !== undefined && found.endsWith('}')) return ofAccount(value, path, filling)
    if (/^[A-Za-z_]\w*$/.test(name) && found.endsWith('}')) return ofEnvironment(name, path, filling)
    const remedy = 'write `${NAME}`, or `$${` for the characters themselves'
    filling.findings.push({ code: 'invalid', path, message: 'this is no variable', remedy })
    return ''
  })
}

function ofEnvironment(name: string, path: Path, { variable, findings }: Filling): string {
  const value = variable(name)
  if (value !== undefined && value !== '') return value
  findings.push({
    code: 'missing-variable',
    path,
    message: `the environment variable ${name} is ${value === undefined ? 'not set' : 'empty'}`,
    remedy: `set ${name} in the environment, or in the file .env beside the configuration`,
  })
  return ''
}

/** An account's value may itself be a variable of the environment, and nothing more. */
function ofAccount(name: string, path: Path, filling: Filling): string {
  const { account, findings } = filling
  if (account === null) {
    const remedy = 'add `per: account` to this connection or flow, or write `$${` for the characters themselves'
    const message = `\`\${account.${name}}\` stands here for no account`
    findings.push({ code: 'no-account', path, message, remedy })
    return ''
  }
  const value = name === 'id' ? account.id : account.values.get(name)
  if (value !== undefined && value !== '') {
    filling.personal.push(path)
    return filled(value, path, { ...filling, account: null })
  }
  const known = ['id', ...account.values.keys()]
  findings.push({
    code: 'account-value',
    path,
    message: `the account has no value \`${name}\``,
    remedy: `add \`${name}\` to the account; or ${suggestion(name, known)}`,
  })
  return ''
}
