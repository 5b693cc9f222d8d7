// Every extension that the bundle holds, by package. The chunk names say who needs it: `core` every page; `tree`,
// `notebooks` and `edit` the pages of these names; `lab-only` JupyterLab, which loads the others too.
export const extensions: Readonly<Record<string, () => Promise<unknown>>> = {
  "@jupyter-notebook/application-extension": () =>
    import(/* webpackChunkName: "core" */ "@jupyter-notebook/application-extension"),
  "@jupyter-notebook/console-extension": () =>
    import(/* webpackChunkName: "core" */ "@jupyter-notebook/console-extension"),
  "@jupyter-notebook/docmanager-extension": () =>
    import(/* webpackChunkName: "core" */ "@jupyter-notebook/docmanager-extension"),
  "@jupyter-notebook/help-extension": () => import(/* webpackChunkName: "core" */ "@jupyter-notebook/help-extension"),
  "@jupyter-notebook/notebook-extension": () =>
    import(/* webpackChunkName: "core" */ "@jupyter-notebook/notebook-extension"),
  "@jupyter-notebook/tree-extension": () => import(/* webpackChunkName: "tree" */ "@jupyter-notebook/tree-extension"),
  "@jupyter-widgets/jupyterlab-manager": () =>
    import(/* webpackChunkName: "core" */ "@jupyter-widgets/jupyterlab-manager"),
  "@jupyterlab/application-extension": () => import(/* webpackChunkName: "core" */ "@jupyterlab/application-extension"),
  "@jupyterlab/apputils-extension": () => import(/* webpackChunkName: "core" */ "@jupyterlab/apputils-extension"),
  "@jupyterlab/audio-extension": () => import(/* webpackChunkName: "core" */ "@jupyterlab/audio-extension"),
  "@jupyterlab/cell-toolbar-extension": () =>
    import(/* webpackChunkName: "tree" */ "@jupyterlab/cell-toolbar-extension"),
  "@jupyterlab/celltags-extension": () => import(/* webpackChunkName: "notebooks" */ "@jupyterlab/celltags-extension"),
  "@jupyterlab/codemirror-extension": () => import(/* webpackChunkName: "core" */ "@jupyterlab/codemirror-extension"),
  "@jupyterlab/completer-extension": () => import(/* webpackChunkName: "core" */ "@jupyterlab/completer-extension"),
  "@jupyterlab/console-extension": () => import(/* webpackChunkName: "core" */ "@jupyterlab/console-extension"),
  "@jupyterlab/csvviewer-extension": () => import(/* webpackChunkName: "core" */ "@jupyterlab/csvviewer-extension"),
  "@jupyterlab/debugger-extension": () => import(/* webpackChunkName: "notebooks" */ "@jupyterlab/debugger-extension"),
  "@jupyterlab/docmanager-extension": () => import(/* webpackChunkName: "core" */ "@jupyterlab/docmanager-extension"),
  "@jupyterlab/documentsearch-extension": () =>
    import(/* webpackChunkName: "core" */ "@jupyterlab/documentsearch-extension"),
  "@jupyterlab/filebrowser-extension": () => import(/* webpackChunkName: "core" */ "@jupyterlab/filebrowser-extension"),
  "@jupyterlab/fileeditor-extension": () => import(/* webpackChunkName: "core" */ "@jupyterlab/fileeditor-extension"),
  "@jupyterlab/help-extension": () => import(/* webpackChunkName: "core" */ "@jupyterlab/help-extension"),
  "@jupyterlab/htmlviewer-extension": () => import(/* webpackChunkName: "core" */ "@jupyterlab/htmlviewer-extension"),
  "@jupyterlab/imageviewer-extension": () => import(/* webpackChunkName: "core" */ "@jupyterlab/imageviewer-extension"),
  "@jupyterlab/inspector-extension": () => import(/* webpackChunkName: "lab-only" */ "@jupyterlab/inspector-extension"),
  "@jupyterlab/launcher-extension": () => import(/* webpackChunkName: "lab-only" */ "@jupyterlab/launcher-extension"),
  "@jupyterlab/logconsole-extension": () =>
    import(/* webpackChunkName: "notebooks" */ "@jupyterlab/logconsole-extension"),
  "@jupyterlab/mainmenu-extension": () => import(/* webpackChunkName: "core" */ "@jupyterlab/mainmenu-extension"),
  "@jupyterlab/markdownviewer-extension": () =>
    import(/* webpackChunkName: "edit" */ "@jupyterlab/markdownviewer-extension"),
  "@jupyterlab/markedparser-extension": () =>
    import(/* webpackChunkName: "core" */ "@jupyterlab/markedparser-extension"),
  "@jupyterlab/mathjax-extension": () => import(/* webpackChunkName: "core" */ "@jupyterlab/mathjax-extension"),
  "@jupyterlab/mermaid-extension": () => import(/* webpackChunkName: "core" */ "@jupyterlab/mermaid-extension"),
  "@jupyterlab/metadataform-extension": () =>
    import(/* webpackChunkName: "notebooks" */ "@jupyterlab/metadataform-extension"),
  "@jupyterlab/notebook-extension": () => import(/* webpackChunkName: "core" */ "@jupyterlab/notebook-extension"),
  "@jupyterlab/rendermime-extension": () =>
    import(/* webpackChunkName: "lab-only" */ "@jupyterlab/rendermime-extension"),
  "@jupyterlab/running-extension": () => import(/* webpackChunkName: "tree" */ "@jupyterlab/running-extension"),
  "@jupyterlab/services-extension": () => import(/* webpackChunkName: "core" */ "@jupyterlab/services-extension"),
  "@jupyterlab/settingeditor-extension": () =>
    import(/* webpackChunkName: "tree" */ "@jupyterlab/settingeditor-extension"),
  "@jupyterlab/shortcuts-extension": () => import(/* webpackChunkName: "core" */ "@jupyterlab/shortcuts-extension"),
  "@jupyterlab/statusbar-extension": () => import(/* webpackChunkName: "lab-only" */ "@jupyterlab/statusbar-extension"),
  "@jupyterlab/theme-dark-extension": () => import(/* webpackChunkName: "core" */ "@jupyterlab/theme-dark-extension"),
  "@jupyterlab/theme-dark-high-contrast-extension": () =>
    import(/* webpackChunkName: "core" */ "@jupyterlab/theme-dark-high-contrast-extension"),
  "@jupyterlab/theme-light-extension": () => import(/* webpackChunkName: "core" */ "@jupyterlab/theme-light-extension"),
  "@jupyterlab/toc-extension": () => import(/* webpackChunkName: "notebooks" */ "@jupyterlab/toc-extension"),
  "@jupyterlab/tooltip-extension": () => import(/* webpackChunkName: "notebooks" */ "@jupyterlab/tooltip-extension"),
  "@jupyterlab/translation-extension": () => import(/* webpackChunkName: "core" */ "@jupyterlab/translation-extension"),
  "@jupyterlab/ui-components-extension": () =>
    import(/* webpackChunkName: "core" */ "@jupyterlab/ui-components-extension"),
  "@jupyterlab/workspaces-extension": () =>
    import(/* webpackChunkName: "lab-only" */ "@jupyterlab/workspaces-extension"),
};
