// The server serves the library's own file under this name.
export { default } from "uplot";
