/** Every command below `seedbed runs`. */
export { list } from "./list.ts";
export { tag } from "./tag.ts";
export { note } from "./note.ts";
export { archive, unarchive, star, unstar } from "./mark.ts";
export { deleteCommand } from "./delete.ts";
export { restore } from "./restore.ts";
