import { continents, countries as listed, languages as names } from "countries-list";
import { currencies } from "countries-list/currencies";

/** What is known of a country. */
export interface Country {
  readonly name: string;
  readonly capital: string;
  readonly continent: string;
  /** As it stands in a sentence: `the Netherlands`. */
  readonly spoken: string;
  /** The first one listed, such as `Kenyan Shilling`. */
  readonly currency: string;
  readonly languages: readonly string[];
  /** The first telephone code. */
  readonly phone: number;
}

const withArticle =
  /^(Bahamas|Netherlands|Philippines|United |U\.S\.|Maldives|Gambia|Seychelles|Comoros|Isle of|Republic of|British |French Southern|(Central African|Dominican|Democratic) Republic)|Islands$/;

/** Countries with a capital, a currency and a language, sorted by name; territories are left out. */
export const countries: readonly Country[] = Object.values(listed)
  .filter(({ capital, currency, languages, ...rest }) => {
    const isPart = "partOf" in rest;
    return capital !== "" && currency.length > 0 && languages.length > 0 && !isPart;
  })
  .map(({ name, capital, continent, currency, languages, phone }) => ({
    name,
    capital,
    continent: continents[continent],
    spoken: withArticle.test(name) ? `the ${name}` : name,
    currency: currencies[currency[0]!].name,
    languages: languages.map((code) => names[code].name),
    phone: phone[0]!,
  }))
  .toSorted((a, b) => (a.name < b.name ? -1 : 1));
