/** Style sheets that a module imports for their effect; the bundler gathers them. */
declare module "*.css";
