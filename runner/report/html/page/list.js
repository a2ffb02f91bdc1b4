// List: the cases that are chosen, of which only those in sight are elements.

// Keeps elements for the items in sight of a scroller: `columns` beside each other, `height` high.
class Sight {
  constructor(scroller, height, make) {
    this.scroller = scroller;
    this.height = height;
    this.make = make;
    this.items = [];
    this.columns = 1;
    this.there = new Map();
    this.canvas = h('div', { class: 'canvas', role: 'presentation' });
    scroller.append(this.canvas);
    scroller.addEventListener('scroll', () => this.soon(), { passive: true });
    new ResizeObserver(() => this.soon()).observe(scroller);
  }

  soon() {
    this.asked ||= requestAnimationFrame(() => { this.asked = 0; this.draw(); });
  }

  show(items, columns = 1) {
    this.items = items;
    this.columns = columns;
    this.canvas.replaceChildren();
    this.there.clear();
    this.canvas.style.height = `${Math.ceil(items.length / columns) * this.height}px`;
    this.draw();
  }

  draw() {
    const { scrollTop, clientHeight } = this.scroller;
    const offset = this.canvas.offsetTop - this.scroller.offsetTop * (this.canvas.offsetParent !== this.scroller);
    const from = Math.max(0, Math.floor((scrollTop - offset) / this.height) - 4) * this.columns;
    const to = Math.min(this.items.length, (Math.ceil((scrollTop - offset + clientHeight) / this.height) + 4) * this.columns);
    for (const [place, element] of this.there) {
      const plays = [...element.querySelectorAll('audio, video')].some((player) => !player.paused);
      if ((place < from || place >= to) && !plays) { element.remove(); this.there.delete(place); }
    }
    for (let place = from; place < to; place++) if (!this.there.has(place)) this.put(place);
  }

  put(place) {
    const element = this.make(this.items[place], place);
    element.style.top = `${Math.floor(place / this.columns) * this.height}px`;
    if (this.columns > 1) {
      element.style.left = `${((place % this.columns) * 100) / this.columns}%`;
      element.style.width = `${100 / this.columns}%`;
    }
    this.there.set(place, element);
    this.canvas.append(element);
  }

  reveal(place) {
    const top = Math.floor(place / this.columns) * this.height;
    const { scrollTop, clientHeight } = this.scroller;
    if (top < scrollTop) this.scroller.scrollTop = top;
    else if (top + this.height > scrollTop + clientHeight) this.scroller.scrollTop = top + this.height - clientHeight;
    this.draw();
  }
}

function listRow(run, place) {
  const [shared, own] = named(run);
  const about = run.problem || run.excerpt || run.models.join(', ') || run.recipe;
  return h('div', { class: `row ${run.state}${run.tolerated ? ' tolerated' : ''}${run === opened ? ' open' : ''}`, id: `row-${run.index}`, role: 'option', 'aria-selected': String(run === opened),
    'aria-setsize': chosen.length, 'aria-posinset': place + 1, onclick: () => { list.at = place; openRun(run); } },
    sign(run.state),
    h('div', { class: 'what' }, h('div', { class: 'name', title: run.name }, own && h('span', { class: 'shared' }, shared), h('span', { class: 'own' }, own || shared)),
      h('div', { class: 'about' }, about)),
    h('div', { class: 'much' }, h('span', {}, seconds(run.latency)), h('span', { class: 'quiet' }, money(run.cost))));
}

const list = {
  at: -1,
  start() { this.sight = new Sight(byId('list'), 58, listRow); },
  renew() {
    const current = opened && chosen.indexOf(opened);
    this.at = current >= 0 && opened ? current : -1;
    this.sight.show(chosen);
    if (!chosen.length) show(this.sight.canvas, h('p', { class: 'none' }, runs.length ? `No ${unit} is like that.` : 'Nothing ran.'));
    this.mark();
  },
  mark() {
    for (const [place, element] of this.sight.there) {
      element.classList.toggle('current', place === this.at);
      const open = chosen[place] === opened;
      element.classList.toggle('open', open);
      element.setAttribute('aria-selected', String(open));
    }
    const run = chosen[this.at];
    if (run) byId('list').setAttribute('aria-activedescendant', `row-${run.index}`);
    else byId('list').removeAttribute('aria-activedescendant');
  },
  move(place) {
    if (!chosen.length) return;
    this.at = Math.max(0, Math.min(chosen.length - 1, place));
    this.sight.reveal(this.at);
    this.mark();
  },
};
