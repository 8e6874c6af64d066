import "uplot/dist/uPlot.min.css";
import "../../web/page/base.css";
import "./main.css";
import { render } from "preact";

import { followTheme } from "../../web/page/theme.ts";
import { tellEnds } from "./actions/tellEnds.ts";
import { App } from "./app.tsx";
import { followChanges } from "./ask/changes.ts";
import { listenForShortcuts } from "./keys/shortcuts.ts";

followTheme();
followChanges();
tellEnds();
listenForShortcuts();
const place = document.getElementById("page");
if (place) render(<App />, place);
