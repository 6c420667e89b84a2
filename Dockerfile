# Lockstep in a container. The configuration, .env and the store live in /data.
#
# Inside a container the loopback address is the container's own: to receive webhooks, write
#   listen: { webhooks: 0.0.0.0:8484 }
# The control listener stays on loopback; run commands with `docker exec`.

FROM node:26-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM node:26-slim
# What Node has compiled is kept where the user may write: commands start in half the time, and with 30 MB less.
ENV NODE_ENV=production NODE_COMPILE_CACHE=/tmp/lockstep-compiled
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY bin ./bin
COPY src ./src
RUN mkdir /data && chown node:node /data
USER node
WORKDIR /data
VOLUME /data
EXPOSE 8484
ENTRYPOINT ["node", "--max-semi-space-size=8", "--heap-growing-percent=50", "/app/bin/lockstep.mjs"]
CMD ["run"]
