import { examples } from "../../examples.ts";
import type { Definition } from "../definition.ts";
import { defineDismiss } from "./dismiss.ts";
import { defineList } from "./list.ts";
import { defineReplay } from "./replay.ts";
import { defineShow } from "./show.ts";

/** The group of the commands about dead letters, each of which has a file of its own. */
export const define: Definition = (program, context, execute) => {
  const group = program
    .command("dead-letters")
    .description(
      "look at records that could not be published, replay or dismiss them",
    )
    .helpCommand(false)
    .addHelpText(
      "after",
      examples(
        [
          "what could not be published, why, and what to do",
          "dead-letters list",
        ],
        ["publish all again", "dead-letters replay --all"],
        [
          "leave those of one type unpublished",
          "dead-letters dismiss --type deal --reason spam",
        ],
      ),
    );
  for (const defineOne of [defineList, defineShow, defineReplay, defineDismiss])
    defineOne(group, context, execute);
};
