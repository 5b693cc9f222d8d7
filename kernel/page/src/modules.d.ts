declare module "*.css";
declare module "*/style/index.js";

declare module "*.svg" {
  const text: string;
  export default text;
}
