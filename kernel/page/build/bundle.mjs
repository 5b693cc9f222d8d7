// The bundler's configuration: both applications from one build, so that they share chunks.
import { createRequire } from "node:module";
import { join } from "node:path";

import { rspack } from "@rspack/core";
import svgToMiniDataUri from "mini-svg-data-uri";

const require = createRequire(import.meta.url);

/**
 * Bundles the page's sources into a folder.
 *
 * @param {string} page the folder of the page's package
 * @param {string} out where the files go
 * @param {(share: number) => void} progress
 * @returns {Promise<import("@rspack/core").Stats>}
 */
export async function bundle(page, out, progress) {
  const compiler = rspack(configuration(page, out, progress));
  const stats = await new Promise((resolve, reject) => {
    compiler.run((error, result) => (error ? reject(error) : resolve(result)));
  });
  await new Promise((resolve) => compiler.close(resolve));
  if (stats.hasErrors()) throw new Error(stats.toString({ preset: "errors-only", colors: false }));
  return stats;
}

function configuration(page, out, progress) {
  return {
    context: page,
    mode: "production",
    target: ["web", "es2022"],
    entry: { notebook: "./src/notebook.ts", lab: "./src/lab.ts" },
    output: {
      path: out,
      // From the script's own address: the page may be served below any path.
      publicPath: "auto",
      filename: "[name].[contenthash:16].js",
      chunkFilename: "[name].[contenthash:16].js",
      cssFilename: "[name].[contenthash:16].css",
      assetModuleFilename: "[name].[contenthash:16][ext]",
      hashDigest: "hex",
    },
    module: { rules: rules() },
    resolve: {
      extensions: [".ts", ".js", ".json"],
      fallback: {
        buffer: false,
        crypto: false,
        path: require.resolve("path-browserify"),
        process: require.resolve("process/browser.js"),
        url: false,
      },
    },
    optimization: {
      // The entries hold little more than the styles, whose order is theirs.
      splitChunks: { chunks: "async" },
    },
    performance: false,
    plugins: [
      new rspack.ProvidePlugin({ process: require.resolve("process/browser.js") }),
      new rspack.CssExtractRspackPlugin({
        filename: "[name].[contenthash:16].css",
        chunkFilename: "[name].[contenthash:16].css",
        ignoreOrder: true,
      }),
      new rspack.ProgressPlugin(progress),
    ],
  };
}

function rules() {
  return [
    {
      test: /\.ts$/,
      loader: "builtin:swc-loader",
      options: { jsc: { parser: { syntax: "typescript" }, target: "es2022" } },
      type: "javascript/auto",
    },
    // JupyterLab's packages leave out extensions in imports.
    { test: /\.m?js$/, resolve: { fullySpecified: false } },
    {
      test: /(?<!\.raw)\.css$/,
      use: [
        rspack.CssExtractRspackPlugin.loader,
        // Every browser that runs the page takes the first format of Font Awesome that it knows, WOFF2: the older ones are 3.3 MB.
        {
          loader: require.resolve("css-loader"),
          options: { url: { filter: (url) => !/\/fa-.*\.(?:eot|svg|ttf|woff)\b/u.test(url) } },
        },
      ],
      type: "javascript/auto",
    },
    { test: /\.raw\.css$|\.(md|txt)$/, type: "asset/source" },
    { test: /\.(eot|gif|jpg|png|ttf|woff2?)$/, type: "asset/resource" },
    { test: /\.svg$/, issuer: /\.[jt]s$/, type: "asset/source" },
    {
      test: /\.svg$/,
      issuer: /\.css$/,
      type: "asset",
      generator: { dataUrl: (content) => svgToMiniDataUri(content.toString()) },
    },
  ];
}
