/** Every command below `seedbed runs`. */
export { list } from "./list.ts";
export { ls } from "./ls.ts";
export { show } from "./show.ts";
export { compare } from "./compare.ts";
export { exportCommand } from "./export.ts";
export { query } from "./query.ts";
export { importCommand } from "./import.ts";
export { tag } from "./tag.ts";
export { note } from "./note.ts";
export { archive, unarchive, star, unstar } from "./mark.ts";
export { deleteCommand } from "./delete.ts";
export { restore } from "./restore.ts";
