/** Teamwork: projects, their task lists, tasks, comments and time, and the people and tags of the site, with an API key. */
import { defineConnector } from '../../connector/index.ts'
import { connect, probe, type Api } from './api.ts'
import { calls } from './calls.ts'
import { channels } from './channels.ts'
import { configuration, limitsOf, type Config } from './config.ts'
import { people, projects, site } from './directory.ts'
import { feedOf } from './feeds.ts'
import { kinds } from './kinds.ts'
import { comments, time } from './streams.ts'
import { tasks } from './tasks.ts'
import { webhook } from './webhook.ts'
import { SITE } from './items.ts'

const PAGES: Readonly<Record<string, string>> = {
  project: 'projects',
  tasklist: 'tasklists',
  task: 'tasks',
  person: 'people',
}

export const teamwork = defineConnector<Config, Api>({
  name: 'teamwork',
  title: 'Teamwork',
  config: configuration,
  limits: limitsOf,
  calls,
  connect,
  probe,
  kinds,
  feeds: { projects, tasks: feedOf(tasks), comments: feedOf(comments), time: feedOf(time), site },
  people,
  webhook,
  channels,
  link: ({ baseUrl }, kind, { ref }) => {
    const page = PAGES[kind]
    return ref === SITE ? baseUrl : page === undefined ? null : `${baseUrl}/app/${page}/${ref}`
  },
})
