import type { ChatRequest } from "../chat/chatRequest.ts";

/** What a router sees of a request. */
export interface RoutedRequest {
  readonly request: Pick<ChatRequest, "messages" | "tools" | "response_format">;
  /** As the cheapest model reads it. */
  readonly promptTokens: number;
}

/** What is known of the cheapest model's answer, or of its beginning. */
export interface JudgedAnswer {
  /** Of its tokens so far, as the model itself thought of them; 0 where there are none. */
  readonly meanLogProbability: number;
  /** Whether it said nothing, or came to no end. */
  readonly hasFailed: boolean;
}

interface NamedRouter {
  readonly name: string;
  /** Where a client does not give one: the strong model answers from this score on. In [0, 1]. */
  readonly threshold: number;
}

/** Decides before anyone answers. */
export interface RequestRouter extends NamedRouter {
  readonly kind: "request";
  /** How much the strong model is needed, in [0, 1]. */
  readonly score: (request: RoutedRequest) => number;
}

/** Decides by what the cheapest model answers. */
export interface AnswerRouter extends NamedRouter {
  readonly kind: "answer";
  /** Tokens of a streamed answer after which it decides; one that is not streamed is judged whole. */
  readonly heldTokens: number;
  /** How much the strong model is needed, in [0, 1]. */
  readonly score: (answer: JudgedAnswer) => number;
}

/** Says whether a request needs the strong model. */
export type Router = RequestRouter | AnswerRouter;

/** A router and the score from which on the strong model answers. */
export interface RouterChoice {
  readonly router: Router;
  readonly threshold: number;
}
