// Code samples of a request for a shell, a browser and Python. They never contain the token, because people share samples.
'use strict';

const languages = { curl, fetch: inJavaScript, Python: inPython };

// A text in single quotes for a shell.
const quoted = text => `'${text.replaceAll("'", `'\\''`)}'`;

function curl({ method, target, fields, body }) {
  const shown = Object.entries(fields).map(([name, value]) =>
    name === 'Authorization' ? '-H "Authorization: Bearer $TOKEN"' : `-H ${quoted(`${name}: ${value}`)}`);
  const data = body === null ? [] : [`-d ${quoted(compact(body))}`];
  return [`curl -X ${method} ${quoted(location.origin + target)}`, ...shown, ...data].join(' \\\n  ');
}

function inJavaScript({ method, target, fields, body }) {
  const shown = Object.entries(fields).map(([name, value]) =>
    `    ${JSON.stringify(name)}: ${name === 'Authorization' ? '`Bearer ${token}`' : JSON.stringify(value)},\n`);
  return `const answer = await fetch(${JSON.stringify(location.origin + target)}, {\n  method: ${JSON.stringify(method)},\n`
    + (shown.length ? `  headers: {\n${shown.join('')}  },\n` : '')
    + (body === null ? '' : `  body: JSON.stringify(${compact(body)}),\n`)
    + '});\nconsole.log(answer.status, await answer.text());';
}

function inPython({ method, target, fields, body }) {
  const shown = Object.entries(fields).filter(([name]) => name !== 'Content-Type').map(([name, value]) =>
    `        ${literal(name)}: ${name === 'Authorization' ? 'f"Bearer {token}"' : literal(value)},\n`);
  return `import requests\n\nanswer = requests.request(\n    ${literal(method)},\n    ${literal(location.origin + target)},\n`
    + (shown.length ? `    headers={\n${shown.join('')}    },\n` : '')
    + (body === null ? '' : `    json=${value(body)},\n`)
    + '    timeout=10,\n)\nprint(answer.status_code, answer.text)';
}

// A body on one line. Text that is not JSON is unchanged.
function compact(body) {
  try { return JSON.stringify(JSON.parse(body)); } catch { return body; }
}

// A body as a Python expression.
function value(body) {
  try { return literal(JSON.parse(body)); } catch { return literal(body); }
}

function literal(value) {
  if (value === null) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value !== 'object') return JSON.stringify(value);
  return `{${Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}: ${literal(member)}`).join(', ')}}`;
}

// A sample in each language, with a button that copies it.
function samples(request) {
  return Object.entries(languages).map(([name, write]) => {
    const text = write(request);
    const button = make('button', { type: 'button', className: 'copy', ariaLabel: `Copy the ${name} sample` }, 'Copy');
    const shown = make('pre', { tabIndex: 0, className: name }, text);
    button.addEventListener('click', () => copy(text, shown, button));
    return make('div', { className: 'sample' }, make('p', {}, make('b', {}, name), button), shown);
  });
}

// Without https a browser has no clipboard for a page: the text is selected, to be copied by hand.
async function copy(text, shown, button) {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = 'Copied';
  } catch {
    getSelection().selectAllChildren(shown);
    button.textContent = 'Press Ctrl+C';
  }
  setTimeout(() => { button.textContent = 'Copy'; }, 2000);
}
