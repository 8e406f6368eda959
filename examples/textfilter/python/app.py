"""The plugin for the contract `textfilter`, in Python. docs/src/how-to/other-languages.md builds it."""

# ANCHOR: plugin
from componentize_py_types import Err
from wit_world import exports
from wit_world.imports.hookr_abi_types import Error, ErrorCode
from wit_world.imports.hookr_test_text_filter_types import Empty, FilterRequest, FilterResponse, PluginInfo


class Plugin(exports.Plugin):
    def get_info(self, request: Empty) -> PluginInfo:
        return PluginInfo("textfilter", "0.1.0", "Takes blocked terms out of texts, in Python.")

    def filter(self, request: FilterRequest) -> FilterResponse:
        if "" in request.blocked_terms:
            place = request.blocked_terms.index("")
            raise Err(Error(ErrorCode.INVALID_ARGUMENT, f"blocked_terms[{place}] is empty"))
        return filtered(request)
# ANCHOR_END: plugin


REPLACEMENT = "[filtered]"


def filtered(request: FilterRequest) -> FilterResponse:
    """Replaces the blocked terms of a text, from its start to its end. Replacements are not looked through again."""

    def folded(text: str) -> str:
        return text if request.case_sensitive else text.lower()

    terms = [folded(term) for term in request.blocked_terms]
    # A character can be several in lower case.
    compared = [folded(character) for character in request.input]
    output, replacements, at, blocked = [], 0, 0, False
    while at < len(compared):
        end = max((behind(term, compared, at) for term in terms), default=0)
        if end and replacements == request.max_replacements > 0:
            blocked = True
            output.append(request.input[at:])
            break
        output.append((request.replacement or REPLACEMENT) if end else request.input[at])
        replacements += 1 if end else 0
        at = end or at + 1
    reason = f"blocked terms are left after {replacements} replacements, as many as allowed" if blocked else ""
    return FilterResponse("".join(output), replacements > 0, replacements, blocked, reason)


def behind(term: str, compared: list[str], at: int) -> int:
    """Where a term ends that begins here; 0 if it does not."""
    found = 0
    while found < len(term):
        if at == len(compared) or not term.startswith(compared[at], found):
            return 0
        found += len(compared[at])
        at += 1
    return at if found == len(term) else 0
