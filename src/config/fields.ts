import { z } from "zod";

export const text = z.string().min(1);
export const count = z.int().min(1);
export const milliseconds = z.int().min(1);
