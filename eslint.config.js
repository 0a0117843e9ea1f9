/** Lint of the browser modules: the recommended rules, what our pages must never do, and JSDoc types throughout. */
import js from "@eslint/js";
import jsdoc from "eslint-plugin-jsdoc";

const BROWSER = [
  "AbortController", "Blob", "CSS", "CustomEvent", "DOMException", "DOMParser", "DOMRect", "DataTransfer", "DataView", "Element", "Event", "EventSource", "FormData",
  "HTMLAnchorElement", "HTMLButtonElement", "HTMLCanvasElement", "HTMLDialogElement", "HTMLElement", "HTMLFormElement", "HTMLImageElement",
  "HTMLInputElement", "ImageDecoder", "HTMLSelectElement", "HTMLTextAreaElement", "HTMLVideoElement", "SVGElement", "IntersectionObserver", "KeyboardEvent", "MouseEvent", "MutationObserver",
  "Node", "PointerEvent", "ResizeObserver", "Response", "URL", "URLSearchParams", "clearTimeout", "console",
  "createImageBitmap", "crypto", "document", "fetch", "history", "localStorage", "location", "matchMedia", "navigator",
  "performance", "queueMicrotask", "requestAnimationFrame", "cancelAnimationFrame", "sessionStorage", "setInterval",
  "atob", "btoa", "clearInterval", "setTimeout", "structuredClone", "window", "ImageBitmap", "OffscreenCanvas", "TextDecoder",
];

export default [
  { ignores: ["**/*.min.js", "**/vendor/**", "node_modules/**", "site/**"] },
  js.configs.recommended,
  jsdoc.configs["flat/recommended-typescript-flavor-error"],
  {
    files: ["src/**/*.js"],
    languageOptions: {
      ecmaVersion: 2023,
      sourceType: "module",
      globals: Object.fromEntries(BROWSER.map((name) => [name, "readonly"])),
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: "error",
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
      "no-var": "error",
      "prefer-const": "error",
      "no-console": "error",
      "no-alert": "error",
      "max-lines": ["error", 300],
      "max-depth": ["error", 4],
      // Markup is made by the server or by createElement: what came from a file must not become markup here.
      "no-restricted-properties": [
        "error",
        ...["innerHTML", "outerHTML", "insertAdjacentHTML"].map((property) => ({ property })),
        { object: "document", property: "write" },
      ],
      // The forms that `pages/bundling.py` understands: named imports and exports, one statement a line.
      "no-restricted-syntax": [
        "error",
        "ExportDefaultDeclaration",
        "ExportAllDeclaration",
        "ExportNamedDeclaration[source!=null]",
        "ExportNamedDeclaration[specifiers.length>0]",
        "ExportNamedDeclaration > VariableDeclaration[kind!='const']",
        "ImportDefaultSpecifier",
        "ImportNamespaceSpecifier",
        "Program > ExpressionStatement > AwaitExpression",
      ],
      "no-unused-vars": ["error", { args: "none" }], // handlers of keys share one signature
      // A sentence that says what it does; types by tsc, which reads the same comments. A class is what its module opens with.
      "jsdoc/require-jsdoc": ["error", { publicOnly: { esm: true }, require: { FunctionDeclaration: true } }],
      "jsdoc/escape-inline-tags": "off", // short functions have their types in the sentence's line, which tsc reads
      "jsdoc/require-param-description": "off",
      "jsdoc/require-returns": "off",
      "jsdoc/require-returns-description": "off",
      "jsdoc/require-property-description": "off",
      "jsdoc/tag-lines": "off",
      "jsdoc/multiline-blocks": "off",
      "jsdoc/no-undefined-types": "off",
      "jsdoc/require-param": "off",
      "jsdoc/reject-any-type": "off",
      "jsdoc/reject-function-type": "error",
    },
  },
];
