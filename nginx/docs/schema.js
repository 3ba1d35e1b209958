// Renders the schemas of openapi.json: types, limits, tables of members, and example values.
'use strict';

// The target of a $ref, together with the members next to the $ref.
function resolve(node) {
  if (!node || !node.$ref) return node;
  const named = node.$ref.split('/').slice(1).reduce((place, key) => place[key], api);
  return { ...resolve(named), ...node, $ref: undefined };
}

// A schema without $ref and without a oneOf that allows null.
function flat(schema) {
  const whole = resolve(schema) || {};
  const choices = (whole.oneOf || []).map(flat);
  const other = choices.find(choice => choice.type !== 'null');
  if (choices.length === 2 && other && choices.some(choice => choice.type === 'null'))
    return { ...other, ...whole, oneOf: undefined, type: [other.type, 'null'] };
  return whole;
}

// The type in a few words.
function kind(schema) {
  const types = [].concat(schema.type || (schema.properties ? 'object' : []));
  if (types[0] === 'array') types[0] = `array of ${kind(flat(schema.items)) || 'values'}`;
  if (schema.format && schema.format !== 'int64') types[0] = schema.format;
  return types.join(' or ');
}

// The limits of a value, beyond its type.
function limits(schema) {
  const { minimum, maximum, minLength, maxLength, minItems, maxItems } = schema;
  // JavaScript would round the largest 64-bit integers.
  const told = number => number === undefined || number > Number.MAX_SAFE_INTEGER ? '' : number;
  const range = (low, high, unit) => low === undefined && high === undefined ? null
    : `${told(low)}…${told(high)}${unit}`;
  const choices = schema.enum;
  return [
    range(minimum, maximum, ''), range(minLength, maxLength, ' characters'), range(minItems, maxItems, ' items'),
    choices && choices.map(String).join(', '), schema.pattern && !choices ? schema.pattern : null,
    schema.default !== undefined ? `default ${schema.default}` : null,
  ].filter(Boolean).join('; ');
}

// A row for each member of an object and, below it, for the members of that member.
function members(schema, depth = 0) {
  const whole = flat(schema);
  if ([].concat(whole.type).includes('array')) return members(whole.items, depth);
  return Object.entries(whole.properties || {}).flatMap(([name, value]) => {
    const member = flat(value);
    const isNeeded = (whole.required || []).includes(name);
    return [row(name, member, isNeeded, depth), ...(depth < 4 ? members(member, depth + 1) : [])];
  });
}

// On narrow screens rows become blocks, which loses the meaning of table elements: the roles keep it.
function row(name, schema, isNeeded, depth = 0, place = null) {
  return make('tr', { className: `depth${depth}`, role: 'row' },
    make('th', { scope: 'row', role: 'rowheader' }, make('code', {}, name), isNeeded ? make('abbr', { title: 'required' }, '*') : null),
    make('td', { role: 'cell', className: 'type' }, kind(schema), place ? make('small', {}, ` ${place}`) : null),
    make('td', { role: 'cell', className: 'text' }, inline(schema.description || ''), make('small', {}, limits(schema))));
}

// A row of a status or a code and what it means.
function meaning(name, ...text) {
  return make('tr', { role: 'row' }, make('th', { scope: 'row', role: 'rowheader' }, make('code', {}, name)),
    make('td', { role: 'cell', className: 'text' }, text));
}

function table(caption, rows) {
  if (!rows.length) return null;
  return make('table', { role: 'table' }, make('caption', {}, caption), make('tbody', { role: 'rowgroup' }, rows));
}

// A valid value: the schema's own example, or the smallest allowed value.
function example(schema) {
  const whole = flat(schema);
  if (whole.examples) return whole.examples[0];
  for (const key of ['example', 'default']) if (whole[key] !== undefined) return whole[key];
  if (whole.enum) return whole.enum[0];
  const type = [].concat(whole.type)[0];
  if (type === 'array') return [example(whole.items)];
  if (type === 'integer') return whole.minimum || 1;
  if (type === 'boolean') return true;
  if (!whole.properties) return 'text';
  const needed = Object.entries(whole.properties).filter(([name]) => (whole.required || []).includes(name));
  return Object.fromEntries(needed.map(([name, value]) => [name, example(value)]));
}
