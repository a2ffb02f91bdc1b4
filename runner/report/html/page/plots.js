// Plots: how figures spread over models, and when the pieces of a stream came.

function scaled(low, high, width) {
  const span = high - low || 1;
  return (value) => ((value - low) / span) * width;
}

// The least that words tell apart.
const LEAST = new Map([[seconds, 0.001], [short, 1]]);

// Round ends for an axis from 0: 1, 2 or 5 times a power of ten, in at most six steps.
function ticks(high, format) {
  if (!(high > 0)) return [0];
  const rough = high / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const round = [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.75) * power;
  const step = Math.max(round, LEAST.get(format) ?? 0);
  const found = [];
  for (let value = 0; value <= high * 1.0001; value += step) found.push(value);
  return found;
}

// A row a group: the middle half as a box, the median as a line, up to 120 runs as dots.
function spread(title, groups, format) {
  const rows = groups.filter(([, values]) => values.length);
  if (!rows.length) return null;
  const width = 400, left = 8, right = 84, row = 40, top = 6;
  const sorted = rows.map(([name, values]) => [name, ascending(values)]);
  const high = Math.max(...sorted.map(([, values]) => at(values, values.length > 40 ? 0.99 : 1))) || 1;
  const x = scaled(0, high, width - left - right);
  const height = top + row * rows.length + 20;
  const base = top + row * rows.length;
  const axis = ticks(high, format).map((value) => [
    svg('line', { class: 'rule', x1: left + x(value), x2: left + x(value), y1: top, y2: base }),
    svg('text', { class: 'tick', x: left + x(value), y: base + 14, 'text-anchor': value ? 'middle' : 'start' }, format(value)),
  ]);
  const bodies = sorted.map(([name, values], place) => box(name, values, { x, left, high, y: top + row * place + 15, width, format }));
  return h('figure', { class: 'plot' },
    h('figcaption', {}, title),
    svg('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': `${title} by model` }, axis, bodies));
}

function box(name, values, { x, left, high, y, width, format }) {
  const [low, middle, top, most] = [0.25, 0.5, 0.75, 0.95].map((share) => at(values, share));
  const pace = Math.max(1, values.length / 120);
  const dots = [];
  for (let place = 0; place < values.length; place += pace) {
    const value = values[Math.floor(place)];
    if (value <= high) dots.push(svg('circle', { class: 'dot', cx: (left + x(value)).toFixed(1), cy: y + 12 + ((dots.length * 7) % 5) - 2, r: 2 }));
  }
  const tip = `${name}: ${counted(values.length, 'run')}, median ${format(middle)}, 95 % below ${format(most)}`;
  return svg('g', {}, svg('title', {}, tip),
    svg('text', { class: 'label', x: left, y: y - 1 }, name.length > 56 ? name.slice(0, 55) + '…' : name),
    values.length > 4 && svg('line', { class: 'whisker', x1: left + x(low), x2: left + x(Math.min(most, high)), y1: y + 12, y2: y + 12 }),
    values.length > 4 && svg('rect', { class: 'box', x: left + x(low), y: y + 6, width: Math.max(2, x(Math.min(top, high)) - x(low)), height: 12, rx: 3 }),
    dots,
    svg('line', { class: 'median', x1: left + x(middle), x2: left + x(middle), y1: y + 4, y2: y + 20 }),
    svg('text', { class: 'value', x: width, y: y + 16, 'text-anchor': 'end' }, format(middle)));
}

// The pieces of a stream over time: a rising line, a stroke for each piece, the longest pause.
function beats(times) {
  const width = Math.max(260, Math.min(1200, byId('pane').clientWidth - 100)), height = 110, left = 6, right = 6, base = 86;
  const last = times[times.length - 1] || 1;
  const x = scaled(0, last, width - left - right);
  const y = (place) => base - 4 - ((place + 1) / times.length) * (base - 12);
  const points = times.map((time, place) => `${(left + x(time)).toFixed(1)},${y(place).toFixed(1)}`);
  const gaps = times.map((time, place) => [place ? time - times[place - 1] : 0, place]);
  const [gap, place] = gaps.reduce((best, one) => (one[0] > best[0] ? one : best), [0, 0]);
  const start = left + x(times[0]);
  const told = `${counted(times.length, 'piece')}: the first after ${seconds(times[0])}, the last after ${seconds(last)}, `
    + `the longest pause ${seconds(gap)}`;
  return h('figure', { class: 'beats' },
    svg('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': told },
      svg('rect', { class: 'wait', x: left, y: 4, width: Math.max(0, start - left), height: base - 4 }),
      times.length > 1 && gap > 0 && svg('rect', { class: 'pause', x: left + x(times[place - 1]), y: 4, width: Math.max(1, x(gap)), height: base - 4 }),
      times.map((time) => svg('line', { class: 'beat', x1: (left + x(time)).toFixed(1), x2: (left + x(time)).toFixed(1), y1: base - 3, y2: base + 3 })),
      svg('polyline', { class: 'rise', points: points.join(' ') }),
      svg('line', { class: 'rule', x1: left, x2: width - right, y1: base, y2: base }),
      ticks(last, seconds).map((value) => svg('text', { class: 'tick', x: left + x(value), y: base + 17, 'text-anchor': value ? 'middle' : 'start' }, seconds(value)))),
    h('figcaption', {}, told));
}

// The states of some runs as one bar.
function bar(items, label) {
  const counts = ['passed', 'missed', 'failed'].map((state) => [state, items.filter((run) => (run.tolerated ? 'passed' : run.state) === state).length]);
  const told = counts.filter(([, count]) => count).map(([state, count]) => `${whole(count)} ${state}`).join(', ');
  let start = 0;
  return svg('svg', { class: 'statebar', viewBox: '0 0 100 4', preserveAspectRatio: 'none', role: 'img', 'aria-label': `${label}: ${told}` },
    svg('title', {}, told),
    counts.map(([state, count]) => {
      const width = (count / items.length) * 100;
      const shown = count && svg('rect', { class: state, x: start, y: 0, width: Math.max(width, 0.8), height: 4 });
      start += width;
      return shown || null;
    }));
}
