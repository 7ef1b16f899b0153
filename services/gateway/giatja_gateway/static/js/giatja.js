// What every page has: each part finds its own elements, and a page without it still works.
import { startDialogs } from "./dialogs.js";
import { startFilters } from "./filters.js";
import { startForms } from "./forms.js";
import { startShortcuts } from "./shortcuts.js";
import { startSizeGrids } from "./size-grid.js";
import { startToasts } from "./toasts.js";

startToasts();
startDialogs();
startForms();
startFilters();
startShortcuts();
startSizeGrids();
