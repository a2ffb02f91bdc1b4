// Said: what was sent and what came back, as people read it, and as the JSON that it was.

function json(value) {
  const text = JSON.stringify(value, null, 2) ?? '';
  const pre = h('pre', { class: 'json', tabindex: '0' });
  if (text.length > 200000) return fill(pre, [text]);
  const token = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|(-?\d[\d.eE+-]*)/g;
  let end = 0;
  for (const found of text.matchAll(token)) {
    const kind = found[2] ? 'key' : found[1] ? 'str' : found[3] ? 'lit' : 'num';
    fill(pre, [text.slice(end, found.index), h('span', { class: kind }, found[1] || found[0]), found[2]]);
    end = found.index + found[0].length;
  }
  return fill(pre, [text.slice(end)]);
}

const words = (text, kind = '') => h('div', { class: `words ${kind}` }, text);

// A picture, a player, or the name of what cannot be shown. A file is its link's text.
function shownMedia(kind, number, href, name) {
  const source = number === null || number === undefined ? href : media(number);
  const label = plain(name || kind);
  if (!source) return h('span', { class: 'missing' }, isWhole() ? `${label} is not kept` : 'loading …');
  const lost = (event) => event.target.replaceWith(h('span', { class: 'missing' }, `${label} is not to be found`));
  if (kind === 'image') {
    const picture = h('img', { src: source, alt: label, loading: 'lazy', decoding: 'async', onerror: lost });
    return href ? h('a', { href, class: 'picture' }, picture) : h('span', { class: 'picture' }, picture);
  }
  const player = h(kind, { src: source, controls: true, preload: number === null ? 'none' : 'metadata', 'aria-label': label });
  player.addEventListener('error', lost);
  return player;
}

const sentMedia = (shown) => shown && shownMedia(shown[0], shown[1], null, `${shown[0]} of the request`);

function content(value, sounds) {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return words(value);
  if (!Array.isArray(value)) return json(value);
  return value.map((part) => {
    if (typeof part === 'string') return words(part);
    if (part && typeof (part.text ?? part.refusal) === 'string') return words(part.text ?? part.refusal);
    const address = part?.image_url?.url ?? part?.image_url;
    if (typeof address === 'string' && !address.startsWith('data:')) return h('p', { class: 'address' }, address);
    if (address || part?.input_audio) return sentMedia(sounds.shift()) || json(part);
    return json(part);
  });
}

const call = (name, given) => h('div', { class: 'call' }, h('code', { class: 'name' }, name || 'a tool'), typeof given === 'string' ? h('code', {}, given) : given && h('code', {}, JSON.stringify(given)));

function message(item, sounds) {
  if (typeof item === 'string') return h('div', { class: 'turn user' }, h('h5', {}, 'user'), words(item));
  const kind = item?.role || item?.type || 'item';
  const calls = item?.tool_calls?.map?.((one) => call(one.function?.name ?? one.name, one.function?.arguments ?? one.arguments));
  const own = item?.type === 'function_call' ? call(item.name, item.arguments)
    : item?.type === 'function_call_output' ? words(typeof item.output === 'string' ? item.output : JSON.stringify(item.output)) : null;
  const role = /^(user|system|developer|assistant|tool)$/.test(kind) ? kind : kind.includes('output') ? 'tool' : 'assistant';
  const said = content(item?.content, sounds);
  const shown = [said, calls, own].flat(Infinity).filter(Boolean);
  return h('div', { class: `turn ${role}` }, h('h5', {}, kind.replaceAll('_', ' ')), shown.length ? shown : json(item));
}

const SPOKEN = ['messages', 'input', 'instructions', 'prompt'];

function parameters(body) {
  const rest = Object.entries(body).filter(([name, value]) => !SPOKEN.includes(name) && name !== 'tools' && value !== null && value !== '');
  const tools = body.tools?.map?.((tool) => tool?.function?.name ?? tool?.name ?? tool?.type).join(', ');
  const simple = (value) => (typeof value === 'object' ? JSON.stringify(value) : String(value));
  const pairs = [...rest.map(([name, value]) => [name, simple(value)]), ...(tools ? [['tools', tools]] : [])];
  return pairs.length ? h('dl', { class: 'params' }, pairs.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value)))) : null;
}

function spoken(body, sounds) {
  const turns = [];
  if (body.instructions) turns.push(message({ role: 'system', content: body.instructions }, sounds));
  for (const name of ['messages', 'input', 'prompt']) {
    const value = body[name];
    if (value === undefined || value === null) continue;
    if (Array.isArray(value) && typeof value[0] !== 'number') turns.push(value.map((item) => message(item, sounds)));
    else turns.push(h('div', { class: 'turn user' }, h('h5', {}, name), typeof value === 'string' ? words(value) : json(value)));
  }
  return turns;
}

function form(parts, sounds) {
  return h('dl', { class: 'form' }, parts.map((part) => {
    const file = part.file !== undefined && [h('code', {}, part.file || 'a file'), ` ${bytes(part.size)} `, sentMedia(/\.(png|jpe?g|webp|gif|avif|svg|mp3|wav|ogg|opus|flac|aac|m4a|mp4|webm)$/i.test(part.file) ? sounds.shift() : null)];
    return [h('dt', {}, part.name), h('dd', {}, file || part.value)];
  }));
}

function readable(sent) {
  const sounds = [...(sent.media || [])];
  if (sent.form) return form(sent.form, sounds);
  if (sent.size) return h('p', { class: 'quiet' }, `${bytes(sent.size)} of bytes`);
  if (sent.body === undefined) return h('p', { class: 'quiet' }, 'no body');
  if (typeof sent.body !== 'object' || sent.body === null || Array.isArray(sent.body)) return json(sent.body);
  return [spoken(sent.body, sounds), parameters(sent.body)];
}

// A pane that shows one of several faces of a thing, chosen by buttons.
function faces(label, all, first = 0) {
  const there = all.filter(([, make]) => make);
  const body = h('div', { class: 'face' });
  const buttons = there.map(([name, make]) => h('button', {
    type: 'button', 'aria-pressed': 'false', onclick: (event) => {
      for (const button of buttons) button.setAttribute('aria-pressed', String(button === event.currentTarget));
      show(body, make());
    },
  }, name));
  if (buttons.length) { buttons[first].setAttribute('aria-pressed', 'true'); show(body, there[first][1]()); }
  return [h('div', { class: 'panehead' }, h('h4', {}, label), buttons.length > 1 && h('div', { class: 'faces', role: 'group', 'aria-label': label }, buttons)), body];
}
