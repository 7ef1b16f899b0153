// What waits on this device: drafts of shifts and tallies on their way. By ids and numbers only, never
// a name; under a key of each officer's own, since nobody sends in another's name.

export class Shelf {
  constructor(officer) {
    this.base = `giatja-lantai-${officer}`;
  }

  load(name, empty) {
    try {
      return JSON.parse(localStorage.getItem(`${this.base}-${name}`)) ?? empty;
    } catch {
      return empty;
    }
  }

  /** Keep something; returns whether the device had room for it. */
  keep(name, thing) {
    try {
      if (thing === null || (Array.isArray(thing) && !thing.length)) localStorage.removeItem(`${this.base}-${name}`);
      else localStorage.setItem(`${this.base}-${name}`, JSON.stringify(thing));
      return true;
    } catch {
      return false;
    }
  }

  /** Names of what is kept under a beginning. */
  names(beginning) {
    const whole = `${this.base}-${beginning}`;
    return Object.keys(localStorage).filter((key) => key.startsWith(whole)).map((key) => key.slice(this.base.length + 1));
  }
}

export const draftName = (place) => `draf-${place.unit}-${place.date}-${place.shift}`;
export const emptyDraft = () => ({ lines: [], teams: [], seen: null, label: "", place: null, problem: null });
export const isEmpty = (draft) => draft.lines.length === 0 && draft.teams.length === 0;
