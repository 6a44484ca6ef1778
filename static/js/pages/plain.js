/** A page without a script of its own: what the header of every page needs. */

import "../ui/shortcuts.js";
import "../ui/theme.js";
