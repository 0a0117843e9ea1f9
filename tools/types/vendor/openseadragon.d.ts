export { default } from "openseadragon";
