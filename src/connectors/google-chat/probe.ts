/** Whose token it is, and whether it is good for syncing. */
import { ConnectorError, failedAs, type Standing } from '../../connector/index.ts'
import { spacesPage, type ChatApi } from './api.ts'
import { missingScopes } from './config.ts'
import { tokeninfoAnswer } from './wire.ts'

type Problem = Standing['problems'][number]

export async function probe(api: ChatApi): Promise<Standing> {
  const { sub, user_id: userId, scope } = await tokenInfo(api)
  const id = sub ?? userId
  if (id === undefined)
    throw new ConnectorError('unauthorized', 'the token does not tell whose it is: it lacks the scope openid')
  const missing = missingScopes(scope)
  const problems: Problem[] = missing.map((each) => ({
    message: `The token was not given the scope ${each}.`,
    remedy: 'Add the scope on the consent screen of the Google Cloud project and sign in again.',
  }))
  const unusable = await unusableBecause(api)
  if (unusable !== null) problems.push(unusable)
  return { actor: { ref: `users/${id}` }, problems }
}

/** The token goes where it tells of itself in the query, so it is refreshed here and not by the client. */
async function tokenInfo(api: ChatApi): Promise<ReturnType<typeof tokeninfoAnswer.parse>> {
  const ask = async (token: string) => api.tokeninfo.get('', { query: { access_token: token }, as: tokeninfoAnswer })
  const token = await api.tokens.bearer()
  try {
    return await ask(token)
  } catch (error) {
    if (!failedAs(error, 'unauthorized')) throw error
    api.tokens.refused(token)
    return ask(await api.tokens.bearer())
  }
}

async function unusableBecause(api: ChatApi): Promise<Problem | null> {
  try {
    await spacesPage(api, undefined)
    return null
  } catch (error) {
    if (!(error instanceof ConnectorError) || (error.failure !== 'forbidden' && error.failure !== 'missing'))
      throw error
    return {
      message: `Google Chat refuses to list spaces (${error.message}).`,
      remedy:
        'Enable the Google Chat API in the project, and fill in its Configuration page: name, picture, description.',
    }
  }
}
