import "../../web/page/base.css";
import "./main.css";
import { render } from "preact";

import { followTheme } from "../../web/page/theme.ts";
import { loadModels } from "./chat.ts";
import { Playground } from "./playground.tsx";

followTheme();
void loadModels();
const place = document.getElementById("page");
if (place) render(<Playground />, place);
