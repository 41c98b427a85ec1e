import type { ReactNode } from 'react';

interface IconProps {
  /** Pixels. */
  readonly size?: number;
}

/** Drawn on a field of 20 by 20 with lines; they say nothing to screen readers, the text beside them does. */
function line(path: ReactNode) {
  return function Icon({ size = 18 }: IconProps) {
    return (
      <svg
        width={size}
        height={size}
        viewBox="0 0 20 20"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
        focusable="false"
      >
        {path}
      </svg>
    );
  };
}

export const RecordingsIcon = line(<path d="M3 9v2M6.5 6v8M10 3.5v13M13.5 7v6M17 9v2" />);
export const LiveIcon = line(
  <>
    <circle cx="10" cy="10" r="2.2" fill="currentColor" stroke="none" />
    <path d="M6.2 13.8a5.4 5.4 0 0 1 0-7.6M13.8 6.2a5.4 5.4 0 0 1 0 7.6M3.6 16.4a9 9 0 0 1 0-12.8M16.4 3.6a9 9 0 0 1 0 12.8" />
  </>,
);
export const SettingsIcon = line(
  <>
    <path d="M3 6h7M14 6h3M3 14h3M10 14h7" />
    <circle cx="12" cy="6" r="2" />
    <circle cx="8" cy="14" r="2" />
  </>,
);
export const IncomingIcon = line(<path d="M15.5 4.5 5 15M5 8v7h7" />);
export const OutgoingIcon = line(<path d="M4.5 15.5 15 5M8 5h7v7" />);
export const InternalIcon = line(<path d="M4 7.5h12M13 4.5l3 3-3 3M16 13.5H4" />);
export const DialInIcon = line(
  <>
    <path d="M10 3v9M6.5 8.5 10 12l3.5-3.5M4 16.5h12" />
  </>,
);
export const UnknownIcon = line(
  <>
    <path d="M7.4 7.2a2.7 2.7 0 1 1 3.9 2.7c-.9.5-1.3 1-1.3 2" />
    <circle cx="10" cy="15" r=".5" fill="currentColor" />
  </>,
);
export const SearchIcon = line(
  <>
    <circle cx="9" cy="9" r="5" />
    <path d="m13 13 3.5 3.5" />
  </>,
);
export const CloseIcon = line(<path d="m5.5 5.5 9 9M14.5 5.5l-9 9" />);
export const WarningIcon = line(
  <>
    <path d="M10 3.2 17.6 16.5H2.4Z" />
    <path d="M10 8.2v3.6" />
    <circle cx="10" cy="14" r=".5" fill="currentColor" />
  </>,
);
export const PlayIcon = line(<path d="M6 4.2v11.6L15.6 10Z" fill="currentColor" />);
export const PauseIcon = line(<path d="M6.5 4.5v11M13.5 4.5v11" strokeWidth="3" />);
export const BackIcon = line(
  <>
    <path d="M4.2 8.5A6.3 6.3 0 1 1 4 12" />
    <path d="M3.6 4.4v4.3h4.3" />
  </>,
);
export const ForwardIcon = line(
  <>
    <path d="M15.8 8.5A6.3 6.3 0 1 0 16 12" />
    <path d="M16.4 4.4v4.3h-4.3" />
  </>,
);
export const SpeakerIcon = line(
  <>
    <path d="M3.5 8v4h2.7L10 15.2V4.8L6.2 8Z" />
    <path d="M12.8 7.4a3.7 3.7 0 0 1 0 5.2M15 5.2a6.8 6.8 0 0 1 0 9.6" />
  </>,
);
export const MutedIcon = line(
  <>
    <path d="M3.5 8v4h2.7L10 15.2V4.8L6.2 8Z" />
    <path d="m13 8 4 4M17 8l-4 4" />
  </>,
);
export const DownloadIcon = line(<path d="M10 3.5v9M6.3 9l3.7 3.7L13.7 9M4 16.5h12" />);
export const DeleteIcon = line(<path d="M4 5.5h12M8 5.5v-2h4v2M5.5 5.5l.8 11h7.4l.8-11M8.4 8.5v5M11.6 8.5v5" />);
export const KeyboardIcon = line(
  <>
    <rect x="2.2" y="5" width="15.6" height="10" rx="1.8" />
    <path d="M5.3 8.3h.01M8.4 8.3h.01M11.6 8.3h.01M14.7 8.3h.01M6.5 11.8h7" />
  </>,
);
export const PersonIcon = line(
  <>
    <circle cx="10" cy="7" r="3.2" />
    <path d="M3.8 16.6a6.4 6.4 0 0 1 12.4 0" />
  </>,
);
export const SunIcon = line(
  <>
    <circle cx="10" cy="10" r="3.4" />
    <path d="M10 2.5v1.6M10 15.9v1.6M2.5 10h1.6M15.9 10h1.6M4.7 4.7l1.1 1.1M14.2 14.2l1.1 1.1M4.7 15.3l1.1-1.1M14.2 5.8l1.1-1.1" />
  </>,
);
export const MoonIcon = line(<path d="M16.3 12.2A6.8 6.8 0 0 1 7.8 3.7a6.8 6.8 0 1 0 8.5 8.5Z" />);
export const AutoIcon = line(
  <>
    <rect x="2.8" y="4" width="14.4" height="9.6" rx="1.6" />
    <path d="M7.5 16.6h5" />
  </>,
);
export const SignOutIcon = line(<path d="M8 4H4.5v12H8M12.5 6.5 16 10l-3.5 3.5M16 10H8" />);
export const ChevronLeftIcon = line(<path d="M12.3 4.8 7.2 10l5.1 5.2" />);
export const ChevronDownIcon = line(<path d="M4.8 7.7 10 12.8l5.2-5.1" />);
export const CheckIcon = line(<path d="m4.5 10.6 3.6 3.7 7.4-8.2" />);
export const CopyIcon = line(
  <>
    <rect x="7" y="7" width="9.5" height="9.5" rx="1.6" />
    <path d="M13 7V5a1.5 1.5 0 0 0-1.5-1.5H5A1.5 1.5 0 0 0 3.5 5v6.5A1.5 1.5 0 0 0 5 13h2" />
  </>,
);
export const FilterIcon = line(<path d="M3.5 5.5h13M6 10h8M8.5 14.5h3" />);
export const KeyIcon = line(
  <>
    <circle cx="6.8" cy="13.2" r="3.2" />
    <path d="m9.2 10.8 6.6-6.6M13 7l2.2 2.2" />
  </>,
);
export const ShieldIcon = line(<path d="M10 2.8 16 5v4.6c0 3.6-2.5 6.4-6 7.6-3.5-1.2-6-4-6-7.6V5Z" />);
export const RuleIcon = line(
  <>
    <path d="M3.5 5.5h7M3.5 10h5M3.5 14.5h7" />
    <path d="m12 10.4 1.9 2 3-3.6" />
  </>,
);
export const PeopleIcon = line(
  <>
    <circle cx="7.5" cy="7.2" r="2.7" />
    <path d="M2.4 15.8a5.2 5.2 0 0 1 10.2 0M12.6 4.8a2.6 2.6 0 0 1 0 4.9M14.6 11.6a5 5 0 0 1 3 4.2" />
  </>,
);
export const MicIcon = line(
  <>
    <rect x="7.4" y="2.8" width="5.2" height="8.8" rx="2.6" fill="currentColor" />
    <path d="M4.8 9.4a5.2 5.2 0 0 0 10.4 0M10 14.6v2.6M7 17.2h6" />
  </>,
);
export const PhoneIcon = line(
  <path d="M5 3.2h2.6l1.3 3.5-1.7 1.4a9.6 9.6 0 0 0 4.7 4.7l1.4-1.7 3.5 1.3V15c0 1-.8 1.8-1.8 1.8C8.6 16.8 3.2 11.4 3.2 5c0-1 .8-1.8 1.8-1.8Z" />,
);
export const HashIcon = line(<path d="M7.8 3.5 6.2 16.5M13.8 3.5l-1.6 13M3.8 7.5h13M3.2 12.5h13" />);
export const QueueIcon = line(
  <>
    <circle cx="4.5" cy="10" r="1.7" />
    <circle cx="10" cy="10" r="1.7" />
    <path d="M14 6.5 17.5 10 14 13.5" />
  </>,
);
export const UndoIcon = line(<path d="M7.5 4.5 3.8 8.2l3.7 3.7M4.2 8.2h7.3a4.3 4.3 0 0 1 0 8.6H9" />);
export const TryIcon = line(
  <>
    <path d="M4 4.5h12a1.5 1.5 0 0 1 1.5 1.5v6a1.5 1.5 0 0 1-1.5 1.5h-5L7.5 16.5v-3H4A1.5 1.5 0 0 1 2.5 12V6A1.5 1.5 0 0 1 4 4.5Z" />
    <path d="M8.7 7.6a1.5 1.5 0 1 1 2 1.5c-.5.2-.7.5-.7 1" />
    <circle cx="10" cy="11.5" r=".4" fill="currentColor" />
  </>,
);
export const HoldIcon = line(
  <>
    <circle cx="10" cy="10" r="7" />
    <path d="M8.2 7.4v5.2M11.8 7.4v5.2" />
  </>,
);

/** The mark of the product, as in the tab's icon. */
export function BrandMark({ size = 28 }: IconProps) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" fill="#0b7285" />
      <g fill="none" stroke="#fff" strokeWidth="2.6" strokeLinecap="round">
        <path d="M8 13v6M13 9v14M18 12v8" />
        <path d="M23 6v20" stroke="#ffd43b" />
      </g>
    </svg>
  );
}
