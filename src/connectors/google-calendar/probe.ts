/** Whose token it is, and whether it is good for syncing. */
import { failedAs, type Standing } from '../../connector/index.ts'
import { readCalendar, type CalendarApi } from './api.ts'
import { missingScopes } from './config.ts'
import { tokeninfoAnswer } from './wire.ts'

/** The account's own calendar bears its address. */
export async function probe(api: CalendarApi): Promise<Standing> {
  const problems = missingScopes(await grantedScopes(api)).map((each) => ({
    message: `The token was not given the scope ${each}.`,
    remedy: 'Add the scope on the consent screen of the Google Cloud project and sign in again.',
  }))
  const { id } = await readCalendar(api, 'primary')
  return { actor: { ref: id.toLowerCase() }, problems }
}

/** The token goes where it tells of itself in the query, so it is refreshed here and not by the client. */
async function grantedScopes(api: CalendarApi): Promise<string> {
  const ask = (token: string) => api.tokeninfo.get('', { query: { access_token: token }, as: tokeninfoAnswer })
  const token = await api.tokens.bearer()
  try {
    return (await ask(token)).scope
  } catch (error) {
    if (!failedAs(error, 'unauthorized')) throw error
    api.tokens.refused(token)
    return (await ask(await api.tokens.bearer())).scope
  }
}
