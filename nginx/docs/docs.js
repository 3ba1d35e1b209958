// The API reference, built from openapi.json. Text is inserted as text, never as HTML. The tokens are in these variables
// only, so a reload logs out.
'use strict';

// Requests that need a new token share one refresh: a refresh token works once.
let api, token, refreshToken, refreshing;
const ended = 'Your session has ended. Log in again.';
const methods = ['get', 'post', 'put', 'patch', 'delete'];
const find = id => document.getElementById(id);

// Creates an element with properties, data and children. Null values are omitted.
function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.flat(9).filter(child => child !== null && child !== undefined));
  return element;
}

// `code` within a line.
function inline(text) {
  return text.split(/`([^`]+)`/).map((part, index) => index % 2 ? make('code', {}, part) : part);
}

// The Markdown that openapi.yaml uses: headings, lists, paragraphs, code.
function prose(text) {
  return (text || '').trim().split(/\n\n+/).map(block => {
    if (block.startsWith('## ')) return make('h3', {}, inline(block.slice(3)));
    if (!block.startsWith('- ')) return make('p', {}, inline(block));
    return make('ul', {}, block.split(/\n(?=- )/).map(item => make('li', {}, inline(item.slice(2)))));
  });
}

// An operation: its description, parameters, responses, and a form to try it.
function article(call) {
  const { operation, method, path } = call;
  const body = resolve(operation.requestBody)?.content['application/json'].schema;
  const parameters = call.parameters.map(parameter => row(
    parameter.name, { ...flat(parameter.schema), description: parameter.description }, parameter.required, 0,
    `in ${parameter.in}`));
  const answers = Object.entries(operation.responses).map(([status, response]) => meaning(status,
    status.endsWith('XX') ? make('a', { href: '#errors' }, 'Errors of any operation') : inline(resolve(response).description || '')));
  const success = Object.entries(operation.responses).find(([status]) => status.startsWith('2'));
  const shown = success && resolve(success[1]).content?.['application/json']?.schema;
  return make('article', { id: operation.operationId },
    make('h3', {}, make('a', { href: `#${operation.operationId}` },
      make('span', { className: `method ${method}` }, method.toUpperCase()), make('code', {}, path))),
    make('p', { className: 'summary' }, make('b', {}, operation.summary),
      make('span', { className: 'role' }, who(operation))),
    prose(operation.description),
    make('details', {}, make('summary', {}, 'Request and answers'),
      table('Parameters', parameters), body ? table('Body', members(body)) : null,
      table('Answers', answers), ...shown ? content(success[0], shown) : []),
    ...trial(call, body));
}

// Who may send a request.
function who({ 'x-least-role': role, security }) {
  if (role === 'anyone') return role;
  return security?.some(scheme => scheme.orderToken) ? `role ${role}, or an order token` : `role ${role}`;
}

// The members of a response body, and an example.
function content(status, schema) {
  return [table(`Body of a ${status} answer`, members(schema)), make('p', {}, make('b', {}, `Example of a ${status} answer`)),
    make('pre', { className: 'example', tabIndex: 0 }, JSON.stringify(example(schema), null, 2))];
}

function field(parameter) {
  const schema = flat(parameter.schema);
  const choices = schema.enum || (schema.type === 'boolean' ? [true, false] : null);
  const needed = { name: `${parameter.in}:${parameter.name}`, required: Boolean(parameter.required) };
  const value = parameter.example ?? example(schema);
  const input = choices && !parameter.required
    ? make('select', needed, ['', ...choices].map(choice => make('option', {}, String(choice))))
    : make('input', { ...needed, placeholder: parameter.required ? '' : value, autocomplete: 'off' });
  if (parameter.required) input.value = value;
  return make('label', {}, make('code', {}, parameter.name), make('small', {}, parameter.in), input);
}

// A form to send the request, and samples of what it would send.
function trial(call, body) {
  const output = make('div', { className: 'output', ariaLive: 'polite' });
  const form = make('form', {}, call.parameters.map(field),
    body ? make('label', { className: 'wide' }, 'Body', make('textarea', {
      name: 'body', rows: 8, spellcheck: false, value: JSON.stringify(example(body), null, 2) })) : null,
    make('button', {}, 'Send'), output);
  form.addEventListener('submit', async event => {
    event.preventDefault();
    await attempt(request(call, new FormData(form)), output);
  });
  const shown = make('div', {});
  const code = make('details', { className: 'code' }, make('summary', {}, 'Samples'), shown);
  const update = () => code.open && shown.replaceChildren(...samples(request(call, new FormData(form), true)));
  code.addEventListener('toggle', update);
  form.addEventListener('input', update);
  return [make('details', { className: 'try' }, make('summary', {}, 'Try it'), form), code];
}

// The request that a form describes: method, target, header fields and body.
// A sample has a token where the operation requires one, whether or not anybody is logged in.
function request(call, values, isSample = false) {
  const fields = {};
  const query = new URLSearchParams();
  let path = call.path;
  for (const parameter of call.parameters) {
    const value = values.get(`${parameter.in}:${parameter.name}`);
    if (value === '' || value === null) continue;
    if (parameter.in === 'path') path = path.replace(`{${parameter.name}}`, encodeURIComponent(value));
    else if (parameter.in === 'query') query.set(parameter.name, value);
    else fields[parameter.name] = value;
  }
  const body = values.get('body');
  if (body !== null) fields['Content-Type'] = 'application/json';
  // An operation that names the token first is usually called with one.
  const prefersToken = call.operation['x-least-role'] !== 'anyone' || call.operation.security?.[0]?.bearer;
  // The shop reads the token of an order only without the other one.
  const isGuest = 'Souk-Order' in fields;
  if (!isGuest && (token || (isSample && prefersToken))) fields.Authorization = `Bearer ${token}`;
  return { method: call.method.toUpperCase(), target: query.size ? `${path}?${query}` : path, fields, body };
}

// Sends a request. If the access token has expired, refreshes it and retries: the first attempt changed nothing.
async function send(request) {
  const answer = await ask(request);
  if (answer.status !== 401 || !request.fields.Authorization) return answer;
  const { code } = await answer.clone().json();
  if (code === 'session_ended') enter('', {}, ended);
  if (code !== 'token_expired') return answer;
  refreshing ??= refresh().finally(() => { refreshing = null; });
  if (!await refreshing) return answer;
  request.fields.Authorization = `Bearer ${token}`;
  return ask(request);
}

// no-store: the response comes from the shop and not from the browser's cache.
function ask({ method, target, fields, body }) {
  return fetch(target, { method, headers: fields, body: body ?? undefined, cache: 'no-store', credentials: 'omit' });
}

// Gets a new pair of tokens. Returns whether that worked.
async function refresh() {
  const answer = await post('/customers/refresh', { refresh_token: refreshToken });
  if (answer?.ok) keep(await answer.json());
  if (answer?.status === 401) enter('', {}, ended);
  return Boolean(answer?.ok);
}

// Sends a request of the page itself, without a token. Returns null if there is no response.
const post = (target, values) => ask({
  method: 'POST', target, fields: { 'Content-Type': 'application/json' }, body: JSON.stringify(values),
}).catch(() => null);

async function attempt(request, output) {
  output.replaceChildren(make('p', {}, 'Sending …'));
  const begin = performance.now();
  try {
    const answer = await send(request);
    const text = await answer.text();
    const head = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join('\n');
    output.replaceChildren(
      make('p', {}, make('strong', { className: answer.ok ? 'good' : 'bad' }, `${answer.status} ${answer.statusText}`),
        ` in ${Math.round(performance.now() - begin)} ms`),
      make('pre', { className: 'answer', tabIndex: 0 }, pretty(text)),
      make('details', {}, make('summary', {}, 'Header fields'), make('pre', { tabIndex: 0 }, head)));
  } catch (error) {
    output.replaceChildren(make('p', {}, make('strong', { className: 'bad' }, 'No answer'), ` ${error.message}`));
  }
}

function pretty(text) {
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text || '(no body)'; }
}

async function logIn(event) {
  event.preventDefault();
  const values = Object.fromEntries(new FormData(find('entrance')));
  const answer = await post('/customers/login', values);
  const content = await answer?.json().catch(() => null);
  if (!answer?.ok) {
    find('notice').textContent = content?.detail || 'The shop does not answer.';
    return void find('entrance').elements.password.select();
  }
  enter(values.username, content);
  find('entrance').reset();
  find('exit').focus();
  const profile = await send({ method: 'GET', target: `/customers/${encodeURIComponent(values.username)}`,
    fields: { Authorization: `Bearer ${token}` } }).then(answer => answer.ok ? answer.json() : null).catch(() => null);
  if (profile && token) find('role').textContent = `, role ${profile.role}`;
}

async function logOut() {
  const call = { method: 'POST', target: '/customers/logout', fields: { Authorization: `Bearer ${token}` } };
  await send(call).catch(() => null);
  enter('', {});
  find('entrance').elements.username.focus();
}

// Shows the name of the user who is logged in. An empty name means that no user is.
function enter(name, tokens, notice = '') {
  keep(tokens);
  find('who').textContent = name;
  find('role').textContent = '';
  find('entrance').hidden = Boolean(name);
  find('session').hidden = !name;
  find('notice').textContent = notice;
}

function keep(tokens) { ({ access_token: token, refresh_token: refreshToken } = tokens); }

// Hides the operations that lack one of the typed words.
function narrow(calls) {
  const words = find('find').value.toLowerCase().split(/\s+/);
  for (const call of calls) call.entry.hidden = !words.every(word => call.text.includes(word));
  const count = calls.filter(call => !call.entry.hidden).length;
  find('found').textContent = words.join('') ? `${count} of ${calls.length} operations` : '';
}

// Marks the entry of the operation at the top of the window.
function follow(calls) {
  const entries = new Map(calls.map(call => [call.operation.operationId, call.entry.firstChild]));
  const mark = id => {
    if (!entries.has(id)) return;
    for (const [name, link] of entries) {
      if (name === id) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
    }
    const list = find('contents').parentNode, { offsetTop, offsetHeight } = entries.get(id);
    if (offsetTop < list.scrollTop || offsetTop + offsetHeight > list.scrollTop + list.clientHeight)
      list.scrollTop = offsetTop - list.clientHeight / 2;
  };
  const watch = new IntersectionObserver(seen => seen.filter(each => each.isIntersecting).forEach(each => mark(each.target.id)),
    { rootMargin: '-10% 0px -85% 0px' });
  for (const article of document.querySelectorAll('article')) watch.observe(article);
  addEventListener('hashchange', () => mark(location.hash.slice(1)));
  mark(location.hash.slice(1));
}

// The rules of every operation, and the errors that any operation may return.
function about() {
  const { responses, schemas } = api.components;
  const common = [['4XX', 'ClientError'], ['5XX', 'ServerError']].map(([status, name]) => meaning(status, prose(responses[name].description)));
  const codes = Object.entries(schemas.Code['x-codes']).map(([code, text]) => meaning(code, inline(text)));
  return make('section', { className: 'about' }, make('h2', {}, api.info.summary), prose(api.info.description),
    make('div', { id: 'errors' }, table('Errors of any operation', common)),
    make('details', {}, make('summary', {}, 'All error codes'), table('Error codes', codes)));
}

function show() {
  find('version').textContent = api.info.version;
  const calls = Object.entries(api.paths).flatMap(([path, item]) => methods.filter(name => item[name]).map(method => ({
    method, path, operation: item[method],
    parameters: [...(item.parameters || []), ...(item[method].parameters || [])].map(resolve) })));
  for (const call of calls) {
    const { operationId, summary, tags } = call.operation;
    call.text = [call.method, call.path, operationId, summary, tags[0], call.operation['x-keywords']].join(' ').toLowerCase();
    call.entry = make('li', {}, make('a', { href: `#${operationId}` },
      make('span', { className: `method ${call.method}` }, call.method.toUpperCase()), summary));
  }
  const of = tag => calls.filter(call => call.operation.tags[0] === tag.name);
  find('main').append(about(), ...api.tags.map(tag =>
    make('section', {}, make('h2', {}, tag.name), prose(tag.description), of(tag).map(article))));
  find('contents').append(...api.tags.flatMap(tag =>
    [make('h2', {}, tag.name), make('ul', {}, of(tag).map(call => call.entry))]));
  find('find').addEventListener('input', () => narrow(calls));
  find('entrance').addEventListener('submit', logIn);
  find('exit').addEventListener('click', logOut);
  document.getElementById(location.hash.slice(1))?.scrollIntoView();
  follow(calls);
}

fetch('/docs/openapi.json').then(answer => answer.json()).then(description => {
  api = description;
  show();
}).catch(error => find('main').append(make('p', {}, `The description could not be read: ${error.message}`)));
