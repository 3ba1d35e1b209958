// The page of the API, made of openapi.json. Everything goes in as text, never as HTML. The tokens live in
// these variables and nowhere else: a reload forgets them.
'use strict';

// While a new one is on its way all who need it wait for that: a refresh token is good for one use.
let api, token, refreshToken, refreshing;
const ended = 'Your session has ended: log in again.';
const methods = ['get', 'post', 'put', 'patch', 'delete'];
const find = id => document.getElementById(id);

// An element with properties, data and children; what is null is left out.
function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.flat(9).filter(child => child !== null && child !== undefined));
  return element;
}

// What a $ref names, with what stands beside the $ref.
function resolve(node) {
  if (!node || !node.$ref) return node;
  const named = node.$ref.split('/').slice(1).reduce((place, key) => place[key], api);
  return { ...resolve(named), ...node, $ref: undefined };
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

// A schema without $ref, allOf and the choice of null.
function flat(schema) {
  let whole = resolve(schema) || {};
  if (whole.allOf) whole = whole.allOf.reduce((sum, part) => ({ ...flat(part), ...sum }), whole);
  const choices = (whole.oneOf || []).map(flat);
  const other = choices.find(choice => choice.type !== 'null');
  if (choices.length === 2 && other && choices.some(choice => choice.type === 'null'))
    return { ...other, ...whole, oneOf: undefined, type: [other.type, 'null'] };
  return whole;
}

// The type in a few words.
function kind(schema) {
  const types = [].concat(schema.type || (schema.properties ? 'object' : schema.const ? 'string' : []));
  if (types[0] === 'array') types[0] = `array of ${kind(flat(schema.items)) || 'values'}`;
  if (schema.format && schema.format !== 'int64') types[0] = schema.format;
  return types.join(' or ');
}

// What a value must be, beyond its type.
function limits(schema) {
  const { minimum, maximum, minLength, maxLength, minItems, maxItems } = schema;
  // JavaScript would round the largest of 64 bits.
  const told = number => number === undefined || number > Number.MAX_SAFE_INTEGER ? '' : number;
  const range = (low, high, unit) => low === undefined && high === undefined ? null
    : `${told(low)}…${told(high)}${unit}`;
  const choices = schema.enum || (schema.const !== undefined ? [schema.const] : null);
  return [
    range(minimum, maximum, ''), range(minLength, maxLength, ' characters'), range(minItems, maxItems, ' items'),
    choices && choices.map(String).join(', '), schema.pattern && !choices ? schema.pattern : null,
    schema.default !== undefined ? `default ${schema.default}` : null,
  ].filter(Boolean).join('; ');
}

// A row for each member of an object, and for those of its members.
function members(schema, depth = 0) {
  const whole = flat(schema);
  if ([].concat(whole.type).includes('array')) return members(whole.items, depth);
  return Object.entries(whole.properties || {}).flatMap(([name, value]) => {
    const member = flat(value);
    const isNeeded = (whole.required || []).includes(name);
    return [row(name, member, isNeeded, depth), ...(depth < 4 ? members(member, depth + 1) : [])];
  });
}

function row(name, schema, isNeeded, depth = 0, place = null) {
  return make('tr', { className: `depth${depth}` },
    make('th', { scope: 'row' }, make('code', {}, name), isNeeded ? make('abbr', { title: 'required' }, '*') : null),
    make('td', {}, kind(schema), place ? make('small', {}, ` ${place}`) : null),
    make('td', {}, inline(schema.description || ''), make('small', {}, limits(schema))));
}

function table(caption, rows) {
  if (!rows.length) return null;
  return make('div', { className: 'scroll' }, make('table', {}, make('caption', {}, caption), make('tbody', {}, rows)));
}

// A value that fits: the schema's own example, or the smallest that is allowed.
function example(schema) {
  const whole = flat(schema);
  if (whole.examples) return whole.examples[0];
  for (const key of ['example', 'default', 'const']) if (whole[key] !== undefined) return whole[key];
  if (whole.enum) return whole.enum[0];
  const type = [].concat(whole.type)[0];
  if (type === 'array') return [example(whole.items)];
  if (type === 'integer') return whole.minimum || 1;
  if (type === 'boolean') return true;
  if (!whole.properties) return 'text';
  const needed = Object.entries(whole.properties).filter(([name]) => (whole.required || []).includes(name));
  return Object.fromEntries(needed.map(([name, value]) => [name, example(value)]));
}

// A call: what it is, what it takes, what it answers, and a form to try it.
function article(call) {
  const { operation, method, path } = call;
  const body = resolve(operation.requestBody)?.content['application/json'].schema;
  const parameters = call.parameters.map(parameter => row(
    parameter.name, { ...flat(parameter.schema), description: parameter.description }, parameter.required, 0,
    `in ${parameter.in}`));
  const answers = Object.entries(operation.responses).map(([status, response]) => make('tr', {},
    make('th', { scope: 'row' }, make('code', {}, status)),
    make('td', {}, inline(resolve(response).description || ''))));
  const success = Object.entries(operation.responses).find(([status]) => status.startsWith('2'));
  const shown = success && resolve(success[1]).content?.['application/json']?.schema;
  return make('article', { id: operation.operationId },
    make('h3', {}, make('a', { href: `#${operation.operationId}` },
      make('span', { className: `method ${method}` }, method.toUpperCase()), make('code', {}, path))),
    make('p', { className: 'summary' }, make('b', {}, operation.summary),
      make('span', { className: 'role' }, operation['x-least-role'])),
    prose(operation.description),
    make('details', {}, make('summary', {}, 'What it takes and answers'),
      table('Parameters', parameters), body ? table('Body', members(body)) : null,
      table('Answers', answers), shown ? table(`Body of a ${success[0]}`, members(shown)) : null),
    make('details', { className: 'try' }, make('summary', {}, 'Try it'), trial(call, body)));
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

function trial(call, body) {
  const output = make('div', { className: 'output', 'aria-live': 'polite' });
  const form = make('form', {}, call.parameters.map(field),
    body ? make('label', { className: 'wide' }, 'Body', make('textarea', {
      name: 'body', rows: 8, spellcheck: false, value: JSON.stringify(example(body), null, 2) })) : null,
    make('button', {}, 'Send'), output);
  form.addEventListener('submit', async event => {
    event.preventDefault();
    await attempt(request(call, new FormData(form)), output);
  });
  return form;
}

// What the form asks for: method, target, header fields and body.
function request(call, values) {
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
  if (token) fields.Authorization = `Bearer ${token}`;
  return { method: call.method.toUpperCase(), target: query.size ? `${path}?${query}` : path, fields, body };
}

// Sends it, and once more with a new token where the old one has expired: nothing was done then.
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

// no-store: what is tried is tried, and not found in the browser's cache.
function ask({ method, target, fields, body }) {
  return fetch(target, { method, headers: fields, body: body ?? undefined, cache: 'no-store', credentials: 'omit' });
}

// Takes a new pair of tokens. Returns whether there is one.
async function refresh() {
  const answer = await post('/customers/refresh', { refresh_token: refreshToken });
  if (answer?.ok) keep(await answer.json());
  if (answer?.status === 401) enter('', {}, ended);
  return Boolean(answer?.ok);
}

// A call of the page's own, without a token; null where nobody answers.
const post = (target, values) => ask({
  method: 'POST', target, fields: { 'Content-Type': 'application/json' }, body: JSON.stringify(values),
}).catch(() => null);

async function attempt(request, output) {
  output.replaceChildren(make('p', {}, 'Asking …'));
  const begin = performance.now();
  try {
    const answer = await send(request);
    const text = await answer.text();
    const head = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join('\n');
    output.replaceChildren(
      make('p', {}, make('strong', { className: answer.ok ? 'good' : 'bad' }, `${answer.status} ${answer.statusText}`),
        ` in ${Math.round(performance.now() - begin)} ms`),
      make('pre', { className: 'answer', tabIndex: 0 }, pretty(text)),
      make('details', {}, make('summary', {}, 'Header fields'), make('pre', { tabIndex: 0 }, head)),
      make('details', {}, make('summary', {}, 'The same with curl'), make('pre', { tabIndex: 0 }, curl(request))));
  } catch (error) {
    output.replaceChildren(make('p', {}, make('strong', { className: 'bad' }, 'No answer'), ` ${error.message}`));
  }
}

function pretty(text) {
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text || '(no body)'; }
}

// The token stays here: a command is easily passed on.
function curl({ method, target, fields, body }) {
  const quote = text => `'${text.replaceAll("'", `'\\''`)}'`;
  const shown = Object.entries(fields).map(([name, value]) =>
    name === 'Authorization' ? `-H "Authorization: Bearer $TOKEN"` : `-H ${quote(`${name}: ${value}`)}`);
  const data = body === null ? [] : [`-d ${quote(body)}`];
  return [`curl -X ${method} ${quote(location.origin + target)}`, ...shown, ...data].join(' \\\n  ');
}

async function logIn(event) {
  event.preventDefault();
  const values = Object.fromEntries(new FormData(find('entrance')));
  const answer = await post('/customers/login', values);
  const content = await answer?.json().catch(() => null);
  if (!answer?.ok) return void (find('notice').textContent = content?.detail || 'The shop does not answer.');
  enter(values.username, content);
  find('entrance').reset();
}

async function logOut() {
  const call = { method: 'POST', target: '/customers/logout', fields: { Authorization: `Bearer ${token}` } };
  await send(call).catch(() => null);
  enter('', {});
}

// Who is here from now on, or nobody.
function enter(name, tokens, notice = '') {
  keep(tokens);
  find('who').textContent = name;
  find('entrance').hidden = Boolean(name);
  find('session').hidden = !name;
  find('notice').textContent = notice;
}

function keep(tokens) { ({ access_token: token, refresh_token: refreshToken } = tokens); }

// Only the calls whose method, path or summary has every word that was typed.
function narrow(calls) {
  const words = find('find').value.toLowerCase().split(/\s+/);
  for (const call of calls) {
    const text = `${call.method} ${call.path} ${call.operation.summary}`.toLowerCase();
    call.entry.hidden = !words.every(word => text.includes(word));
  }
}

function show() {
  find('version').textContent = api.info.version;
  const calls = Object.entries(api.paths).flatMap(([path, item]) => methods.filter(name => item[name]).map(method => ({
    method, path, operation: item[method],
    parameters: [...(item.parameters || []), ...(item[method].parameters || [])].map(resolve) })));
  for (const call of calls) call.entry = make('li', {}, make('a', { href: `#${call.operation.operationId}` },
    make('span', { className: `method ${call.method}` }, call.method.toUpperCase()), call.operation.summary));
  const of = tag => calls.filter(call => call.operation.tags[0] === tag.name);
  find('main').append(make('section', { className: 'about' }, make('h2', {}, api.info.summary), prose(api.info.description)),
    ...api.tags.map(tag => make('section', {}, make('h2', {}, tag.name), prose(tag.description), of(tag).map(article))));
  find('contents').append(...api.tags.flatMap(tag =>
    [make('h2', {}, tag.name), make('ul', {}, of(tag).map(call => call.entry))]));
  find('find').addEventListener('input', () => narrow(calls));
  find('entrance').addEventListener('submit', logIn);
  find('exit').addEventListener('click', logOut);
  document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

fetch('/docs/openapi.json').then(answer => answer.json()).then(description => {
  api = description;
  show();
}).catch(error => find('main').append(make('p', {}, `The description could not be read: ${error.message}`)));
