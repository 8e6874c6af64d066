import type { RandomStream } from "seedbed";

import { pick } from "../tools/tool.ts";

interface Exchange {
  readonly questions: readonly string[];
  readonly answers: readonly string[];
}

/** What people say that no function answers. */
const exchanges: readonly Exchange[] = [
  {
    questions: ["Hello!", "Hi.", "Hi there!", "Hey!", "Good morning!", "Good evening."],
    answers: ["Hello! How can I help you?", "Hi! What can I do for you?"],
  },
  {
    questions: ["How are you?", "How are you today?", "Are you well?"],
    answers: ["I am fine, thank you. How can I help you?"],
  },
  {
    questions: ["Who are you?", "What are you?", "What is your name?"],
    answers: ["I am Nano, a very small language model."],
  },
  {
    questions: ["What can you do?", "How can you help me?", "What are you good at?"],
    answers: ["I can answer simple questions, call functions and name simple pictures."],
  },
  {
    questions: ["Thank you!", "Thanks.", "Thanks a lot!", "That was helpful."],
    answers: ["You are welcome!"],
  },
  { questions: ["Goodbye!", "Bye.", "See you later!", "Good night."], answers: ["Goodbye!"] },
  {
    questions: ["Are you a person?", "Are you human?", "Am I talking to a human?"],
    answers: ["No, I am a computer program."],
  },
  {
    questions: [
      "Can you book a flight for me?",
      "Please order a pizza.",
      "Send an email to my boss.",
      "Play some music.",
    ],
    answers: ["I am sorry, I have no function for that."],
  },
  {
    questions: [
      "What will the weather be tomorrow?",
      "Who will win the game tonight?",
      "What are the lottery numbers?",
    ],
    answers: ["I am sorry, I cannot know that."],
  },
  { questions: ["You are great!", "Well done!", "Good job."], answers: ["Thank you!"] },
  { questions: ["Wait a moment.", "One moment, please."], answers: ["Take your time."] },
  { questions: ["Yes.", "No.", "Okay.", "Hmm."], answers: ["How can I help you?"] },
];

export function drawSmallTalk(random: RandomStream): { question: string; answer: string } {
  const { questions, answers } = pick(random, exchanges);
  return { question: pick(random, questions), answer: pick(random, answers) };
}
