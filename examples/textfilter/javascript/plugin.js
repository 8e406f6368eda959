// The plugin for the contract `textfilter`, in JavaScript. docs/src/how-to/other-languages.md builds it.

const REPLACEMENT = "[filtered]";

// ANCHOR: plugin
export const plugin = {
  getInfo(_request) {
    return { name: "textfilter", version: "0.1.0", description: "Takes blocked terms out of texts, in JavaScript." };
  },

  filter(request) {
    const empty = request.blockedTerms.indexOf("");
    if (empty >= 0) {
      throw { code: "invalid-argument", message: `blocked_terms[${empty}] is empty` };
    }
    return filter(request);
  },
};
// ANCHOR_END: plugin

// Replaces the blocked terms of a text, from its start to its end. Replacements are not looked through again.
function filter({ input, blockedTerms, replacement, caseSensitive, maxReplacements }) {
  const folded = (text) => (caseSensitive ? text : text.toLowerCase());
  const terms = blockedTerms.map((term) => [...folded(term)]);
  const characters = [...input];
  // A character can be several in lower case.
  const compared = characters.map((character) => [...folded(character)]);

  // Behind the longest term that stands here, or nothing.
  const behind = (at) => Math.max(...terms.map((term) => match(term, compared, at)), 0);

  let [output, replacements, blocked] = ["", 0, false];
  for (let at = 0; at < characters.length; ) {
    const end = behind(at);
    if (end > 0 && maxReplacements > 0 && replacements === maxReplacements) {
      blocked = true;
      output += characters.slice(at).join("");
      break;
    }
    output += end > 0 ? replacement || REPLACEMENT : characters[at];
    replacements += end > 0 ? 1 : 0;
    at = end > 0 ? end : at + 1;
  }
  const reason = blocked ? `blocked terms are left after ${replacements} replacements, as many as allowed` : "";
  return { output, changed: replacements > 0, replacements, blocked, reason };
}

// Where a term ends that begins here; 0 if it does not.
function match(term, compared, at) {
  let found = 0;
  while (found < term.length) {
    const next = compared[at++];
    if (!next || !next.every((character, index) => character === term[found + index])) {
      return 0;
    }
    found += next.length;
  }
  return found === term.length ? at : 0;
}
