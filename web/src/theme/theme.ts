import {
  Badge,
  Button,
  createTheme,
  defaultVariantColorsResolver,
  Menu,
  Modal,
  NativeSelect,
  NumberInput,
  PasswordInput,
  Skeleton,
  TextInput,
  Tooltip,
  type CSSVariablesResolver,
  type VariantColorsResolver,
} from '@mantine/core';

/** A light tint under text of its own colour reaches 4.5:1 only with the ends of the scale. */
const variantColors: VariantColorsResolver = (input) => {
  const colors = defaultVariantColorsResolver(input);
  if (input.variant !== 'light' || typeof input.color !== 'string') return colors;
  const color = input.color === '' ? input.theme.primaryColor : input.color;
  if (!(color in input.theme.colors)) return colors;
  return {
    ...colors,
    background: `light-dark(var(--mantine-color-${color}-0), color-mix(in srgb, var(--mantine-color-${color}-6) 20%, transparent))`,
    hover: `light-dark(var(--mantine-color-${color}-1), color-mix(in srgb, var(--mantine-color-${color}-6) 28%, transparent))`,
    color: `light-dark(color-mix(in srgb, var(--mantine-color-${color}-9) 62%, black), var(--mantine-color-${color}-2))`,
  };
};

export const theme = createTheme({
  primaryColor: 'sea',
  primaryShade: 7,
  colors: {
    sea: ['#e7f6f9', '#cfeaf0', '#a3d6e0', '#72bfce', '#4aabbf', '#2f9db3', '#178ba2', '#0b7285', '#095e6e', '#074a57'],
    dark: [
      '#dfe5ea',
      '#c2cbd4',
      '#9facb9',
      '#6d7a87',
      '#46515c',
      '#36404a',
      '#262f38',
      '#171e25',
      '#10161c',
      '#0a0e12',
    ],
  },
  variantColorResolver: variantColors,
  fontFamily: "'Inter Variable', Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace",
  headings: { fontWeight: '650', textWrap: 'balance' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Badge: Badge.extend({ defaultProps: { variant: 'light', radius: 'sm', tt: 'none', fw: 600 } }),
    Button: Button.extend({ defaultProps: { fw: 600 } }),
    Modal: Modal.extend({
      defaultProps: {
        centered: true,
        padding: 'lg',
        radius: 'lg',
        overlayProps: { backgroundOpacity: 0.5, blur: 2 },
        closeButtonProps: { 'aria-label': 'Close' },
        // It is the dialog's head, not a second banner of the page.
        attributes: { header: { role: 'none' } },
      },
    }),
    Tooltip: Tooltip.extend({
      defaultProps: { withArrow: true, openDelay: 400, events: { hover: true, focus: true, touch: false } },
    }),
    // Optional fields are the exception here; a star on each of the others says nothing.
    TextInput: TextInput.extend({ defaultProps: { size: 'sm', withAsterisk: false } }),
    PasswordInput: PasswordInput.extend({
      defaultProps: {
        size: 'sm',
        withAsterisk: false,
        // Mantine takes it out of the order of keyboards.
        visibilityToggleButtonProps: { 'aria-label': 'Show password', tabIndex: 0 },
      },
    }),
    // Within the landmark of their button, and without an element in the menu that is no item of it.
    Menu: Menu.extend({ defaultProps: { withinPortal: false, withInitialFocusPlaceholder: false, shadow: 'md' } }),
    NumberInput: NumberInput.extend({ defaultProps: { size: 'sm', withAsterisk: false } }),
    NativeSelect: NativeSelect.extend({ defaultProps: { size: 'sm' } }),
    Skeleton: Skeleton.extend({ defaultProps: { radius: 'sm' } }),
  },
});

/** Mantine's own dimmed, placeholder and error colours miss 4.5:1. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#f6f8f9',
    '--mantine-color-text': '#15202b',
    '--mantine-color-dimmed': '#52606d',
    '--mantine-color-placeholder': '#6b7682',
    '--mantine-color-error': '#b42318',
    '--mantine-color-anchor': '#0a6779',
  },
  dark: {
    '--mantine-color-body': '#10161c',
    '--mantine-color-text': '#e3e9ee',
    '--mantine-color-dimmed': '#a4b1bd',
    '--mantine-color-placeholder': '#93a0ad',
    '--mantine-color-error': '#ff9d91',
    '--mantine-color-anchor': '#7fd0e0',
  },
});
