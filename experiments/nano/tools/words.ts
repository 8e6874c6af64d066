const split = (list: string): readonly string[] => list.trim().split(/\s+/);

/** Plain words that requests are made with. */
export const plainWords: readonly string[] = split(`
  apple bridge candle dragon engine flower garden hammer island jacket kettle ladder mirror needle
  orange pencil rabbit saddle ticket valley window anchor basket carpet desert eagle forest guitar
  harbor insect jungle kitchen lemon market napkin ocean palace quilt river silver tunnel umbrella
  violin wagon yellow zebra banana button castle dinner evening feather golden honey iron journey
  kitten letter meadow nation onion paper queen rocket summer teacher uncle village winter bottle
  camera doctor effort finger ground happy idea jelly koala lantern monkey number object planet
  question rainbow station thunder unicorn visitor whale cotton branch level noon radar civic
`);

export const firstNames: readonly string[] = split(`
  Anna Ben Clara David Emma Felix Grace Henry Ida Jack Kate Leo Mia Noah Olga Paul Quinn Rosa Sam
  Tina Uma Victor Wendy Xenia Yusuf Zoe
`);
