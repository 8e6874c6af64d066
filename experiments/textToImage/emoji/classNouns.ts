/**
 * What people call a concept when they do not name it exactly: the class it belongs to. By the
 * concept's whole name, never by a part of it: a hot dog is no dog.
 */
const table = `
cat: cat face, black cat, grinning cat, grinning cat with smiling eyes, cat with tears of joy,
  smiling cat with heart eyes, cat with wry smile, kissing cat, weary cat, crying cat, pouting cat
dog: dog face, guide dog, service dog, poodle
monkey: monkey face, see no evil monkey, hear no evil monkey, speak no evil monkey
ape: gorilla, orangutan
horse: horse face
tiger: tiger face
cow: cow face, ox, water buffalo
pig: pig face, boar
mouse: mouse face
rabbit: rabbit face
camel: two hump camel
bear: polar bear
sheep: ram, ewe
chick: hatching chick, baby chick, front facing baby chick
bird: turkey, chicken, rooster, penguin, dove, eagle, duck, swan, owl, dodo, flamingo, peacock,
  parrot, black bird, goose, phoenix
dragon: dragon face
dinosaur: sauropod, t rex
whale: spouting whale, orca
fish: tropical fish, blowfish, shark
shell: spiral shell
insect: butterfly, ant, honeybee, beetle, lady beetle, cricket, cockroach, mosquito, fly
apple: red apple, green apple
pepper: hot pepper, bell pepper
corn: ear of corn
clock: alarm clock, mantelpiece clock, timer clock
hourglass: hourglass done, hourglass not done
train: locomotive, railway car, high speed train, bullet train, metro, light rail, tram, monorail,
  mountain railway, tram car
bus: oncoming bus, trolleybus, minibus
car: automobile, oncoming automobile, taxi, oncoming taxi, police car, oncoming police car,
  racing car, sport utility vehicle
truck: pickup truck, delivery truck, articulated lorry, fire engine
wheelchair: manual wheelchair, motorized wheelchair
boat: sailboat, canoe, speedboat, motor boat
ship: passenger ship, ferry
plane: airplane, small airplane, airplane departure, airplane arrival
traffic light: horizontal traffic light, vertical traffic light
flower: cherry blossom, white flower, lotus, rose, wilted flower, hibiscus, sunflower, blossom,
  tulip, hyacinth
tree: evergreen tree, deciduous tree, palm tree, leafless tree
leaf: maple leaf, fallen leaf, leaf fluttering in wind
mushroom: brown mushroom
bread: croissant, baguette bread, flatbread
cake: birthday cake, shortcake, cupcake
beer: beer mug, clinking beer mugs
globe: globe showing europe africa, globe showing americas, globe showing asia australia
mountain: snow capped mountain, mount fuji
house: house with garden, houses
moon: new moon, waxing crescent moon, first quarter moon, waxing gibbous moon, full moon,
  waning gibbous moon, last quarter moon, waning crescent moon, crescent moon
cloud: sun behind cloud, cloud with lightning and rain, cloud with rain, cloud with snow,
  cloud with lightning
umbrella: closed umbrella, umbrella with rain drops, umbrella on ground
snowman: snowman without snow
heart: red heart, orange heart, yellow heart, green heart, blue heart, light blue heart,
  purple heart, brown heart, black heart, grey heart, white heart, pink heart, broken heart
ball: soccer ball, baseball, softball, basketball, volleyball, american football, rugby football,
  tennis
medal: 1st place medal, 2nd place medal, 3rd place medal, sports medal, military medal
book: closed book, open book, green book, blue book, orange book
lock: locked, unlocked, locked with pen, locked with key
phone: mobile phone, telephone
camera: camera with flash, video camera, movie camera
shoe: mans shoe, running shoe, hiking boot, flat shoe, high heeled shoe
hat: womans hat, top hat
`;

const nounByName = readTable();

function readTable(): ReadonlyMap<string, string> {
  const entries = table
    .replaceAll("\n  ", " ")
    .trim()
    .split("\n")
    .flatMap((line) => {
      const [noun = "", names = ""] = line.split(": ");
      return names.split(", ").map((name): [string, string] => [name, noun]);
    });
  return new Map(entries);
}

/** The class noun of a concept's name; undefined where the name is its own class. */
export function classNoun(name: string): string | undefined {
  return nounByName.get(name);
}

/** Names that the table knows, for checking it against the concepts. */
export function namesWithClass(): string[] {
  return [...nounByName.keys()];
}

/** Every class noun, sorted. */
export function classNouns(): string[] {
  return [...new Set(nounByName.values())].toSorted();
}
